/**
 * Programs for the feature probes, in BPF's instruction set:
 * https://www.rfc-editor.org/rfc/rfc9669.html (8 bytes each: opcode, registers, 16-bit offset, 32-bit immediate).
 */
interface Operands {
  readonly dst?: number;
  readonly src?: number;
  readonly offset?: number;
  readonly imm?: number;
}

function instruction(opcode: number, { dst = 0, src = 0, offset = 0, imm = 0 }: Operands = {}): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt8(opcode, 0);
  bytes.writeUInt8(dst | (src << 4), 1);
  bytes.writeInt16LE(offset, 2);
  bytes.writeInt32LE(imm, 4);
  return bytes;
}

const returnZero = [instruction(0xb7), instruction(0x95)]; // r0 = 0; exit
const useStack = (bytes: number) => instruction(0x7a, { dst: 10, offset: -bytes }); // *(u64 *)(r10 - bytes) = 0

export const emptyProgram = Buffer.concat(returnZero);

/**
 * Two frames of 320 bytes, one calling the other. A kernel that adds up the frames of a call chain refuses more
 * than 512; one with private stacks gives each frame 512 of its own.
 */
export const largeStackProgram = Buffer.concat([
  useStack(320),
  instruction(0x85, { src: 1, imm: 1 }), // call the function one instruction behind the next
  instruction(0x95),
  useStack(320),
  ...returnZero,
]);

/** bpf_probe_write_user, of include/uapi/linux/bpf.h, with an address that no process has. */
const probeWriteUser = 36;

export const writeUserProgram = Buffer.concat([
  useStack(8),
  instruction(0xb7, { dst: 1 }), // r1 = 0
  instruction(0xbf, { dst: 2, src: 10 }), // r2 = r10
  instruction(0x07, { dst: 2, imm: -8 }), // r2 -= 8
  instruction(0xb7, { dst: 3, imm: 8 }), // r3 = 8
  instruction(0x85, { imm: probeWriteUser }),
  ...returnZero,
]);
