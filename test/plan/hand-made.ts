import type { Architecture, GoBinary, GoFunction } from "../../src/binary/types.ts";

/** A function's machine code: hex, and on amd64 calls of other functions, and jumps to them, by name. */
export type Part = string | { readonly call: string } | { readonly jump: string };

const spacing = 0x1000;
const start = 0x401000;
/** Not a multiple of anything: calls are cut in two at each of their bytes. */
const pieceLength = 19;

/** A binary of a few hand-made functions, one page each, the first at 0x401000. A name may stand twice. */
export function binaryOf(
  functions: readonly (readonly [name: string, ...code: Part[]])[],
  arch: Architecture = "amd64",
): GoBinary {
  const addressOf = (name: string) => start + functions.findIndex(([other]) => other === name) * spacing;
  const table = functions.map(([name, ...parts], index) => {
    const address = start + index * spacing;
    const code = assemble(parts, address, addressOf);
    return { name, address, end: address + code.length, code };
  });
  const text = Buffer.alloc(functions.length * spacing);
  for (const { address, code } of table) code.copy(text, address - start);
  const binary: Pick<GoBinary, "arch" | "code" | "codeChunks" | "fileOffset" | "segments"> & {
    functions: Partial<GoBinary["functions"]>;
  } = {
    arch,
    functions: {
      find: (name) => table.filter((fn) => fn.name === name),
      at: (address) => table.find((fn) => address >= fn.address && address < fn.end),
    },
    code: (fn: GoFunction) => table.find(({ address }) => address === fn.address)?.code ?? Buffer.alloc(0),
    *codeChunks(address, length, overlap) {
      const end = address - start + length;
      for (let at = address - start; at + overlap < end; at += pieceLength - overlap)
        yield { address: start + at, data: text.subarray(at, Math.min(at + pieceLength, end)) };
    },
    fileOffset: (address) => address - 0x400000,
    segments: [
      { address: start, fileOffset: 0x1000, fileSize: text.length, executable: true, writable: false },
    ],
  };
  return binary as GoBinary;
}

function assemble(parts: readonly Part[], address: number, addressOf: (name: string) => number): Buffer {
  let code = Buffer.alloc(0);
  for (const part of parts)
    code = Buffer.concat([code, bytesOf(part, (name) => addressOf(name) - (address + code.length + 5))]);
  return code;
}

function bytesOf(part: Part, distanceTo: (name: string) => number): Buffer {
  if (typeof part === "string") return Buffer.from(part.replaceAll(" ", ""), "hex");
  const isCall = "call" in part;
  const bytes = Buffer.from([isCall ? 0xe8 : 0xe9, 0, 0, 0, 0]);
  bytes.writeInt32LE(distanceTo(isCall ? part.call : part.jump), 1);
  return bytes;
}
