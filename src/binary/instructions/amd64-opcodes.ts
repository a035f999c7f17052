/**
 * What follows each opcode in 64-bit mode, one letter an opcode, a row of sixteen a line.
 * Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, appendix A (opcode maps).
 *
 *   .  no instruction (or none that user code runs)   -  nothing          m  ModRM
 *   b  ModRM, imm8      z  ModRM, imm16/32            3  ModRM, immediate only for /0 and /1 (TEST)
 *   B  imm8             Z  imm16/32                   W  imm16            E  imm16, imm8 (ENTER)
 *   V  imm16/32/64 (MOV r, imm)                       O  64-bit address (MOV AL, moffs)
 *   s  rel8             d  rel32                      p  legacy prefix    r  REX
 *   x  escape to another map
 */
export const oneByteMap = map(`
  mmmmBZ.. mmmmBZ.x
  mmmmBZ.. mmmmBZ..
  mmmmBZp. mmmmBZp.
  mmmmBZp. mmmmBZp.
  rrrrrrrr rrrrrrrr
  -------- --------
  ..xmpppp ZzBb----
  ssssssss ssssssss
  bz.bmmmm mmmmmmmm
  -------- --.-----
  OOOO---- BZ------
  BBBBBBBB VVVVVVVV
  bbW-xxbz E-W--B.-
  mmmm...- mmmmmmmm
  ssssBBBB dd.s----
  p-pp--33 ------mm
`);

/** Behind 0F. */
export const twoByteMap = map(`
  mmmm.--- --.-.m..
  mmmmmmmm mmmmmmmm
  ........ mmmmmmmm
  ------.- x.x.....
  mmmmmmmm mmmmmmmm
  mmmmmmmm mmmmmmmm
  mmmmmmmm mmmmmmmm
  bbbbmmm- mm..mmmm
  dddddddd dddddddd
  mmmmmmmm mmmmmmmm
  ---mbm.. ---mbmmm
  mmmmmmmm mmbmmmmm
  mmbmbbbm --------
  mmmmmmmm mmmmmmmm
  mmmmmmmm mmmmmmmm
  mmmmmmmm mmmmmmmm
`);

/** VEX and EVEX map 1: the vector half of the 0F map. Maps 2, 5 and 6 are all ModRM, map 3 is all ModRM, imm8. */
export const vectorMap1 = map(`
  ${"mmmmmmmm mmmmmmmm ".repeat(7)}
  bbbbmmm- mmmmmmmm
  ${"mmmmmmmm mmmmmmmm ".repeat(4)}
  mmbmbbbm mmmmmmmm
  ${"mmmmmmmm mmmmmmmm ".repeat(3)}
`);

function map(rows: string): string {
  return rows.replace(/\s/g, "");
}
