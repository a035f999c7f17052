/** The register, as a mask like `maskOf` of amd64-writes.ts, that an instruction compares with 0 as a whole; undefined for all others. */
export function testedRegister(code: Uint8Array): number | undefined {
  const [rex = 0, opcode, modRM = 0] = code; // TESTQ r, r
  if (code.length !== 3 || (rex & 0xf8) !== 0x48 || opcode !== 0x85 || modRM < 0xc0) return undefined;
  const [one, other] = [((modRM >> 3) & 7) | ((rex & 4) << 1), (modRM & 7) | ((rex & 1) << 3)];
  return one === other ? 1 << one : undefined;
}
