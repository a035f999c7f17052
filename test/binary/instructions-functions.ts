import { readFileSync } from "node:fs";
import { goCommand } from "../fixtures/go-binaries.ts";

/** A function as the toolchain's own symbol lister has it, and its machine code. */
export interface ListedFunction {
  readonly name: string;
  readonly address: number;
  readonly code: Uint8Array;
}

/** All functions of an unstripped binary that hold code, without the help of the code under test. */
export async function listFunctions(path: string, go: string): Promise<readonly ListedFunction[]> {
  const codeAt = codeReader(readFileSync(path));
  const lines = (await goCommand(go, ["tool", "nm", "-n", "-size", "-type", path])).split("\n");
  return lines.flatMap((line) => {
    const [, address = "", size = "", name = ""] = /^\s*([0-9a-f]+)\s+(\d+)\s+[Tt]\s+(.*)$/.exec(line) ?? [];
    const code = codeAt(Number.parseInt(address, 16), Number(size));
    return code && code.length > 0 ? [{ name, address: Number.parseInt(address, 16), code }] : [];
  });
}

/** Bytes of a virtual address range, by the loaded segments of a 64-bit little-endian ELF file. */
function codeReader(file: Buffer): (address: number, size: number) => Uint8Array | undefined {
  const table = Number(file.readBigUInt64LE(32));
  const count = file.readUInt16LE(56);
  const segments = Array.from({ length: count }, (_, index) => {
    const at = table + index * file.readUInt16LE(54);
    const [offset = 0, address = 0, , size = 0] = [8, 16, 24, 32].map((word) =>
      Number(file.readBigUInt64LE(at + word)),
    );
    return { load: file.readUInt32LE(at) === 1, offset, address, size };
  });
  return (address, size) => {
    const home = segments.find(
      (it) => it.load && address >= it.address && address + size <= it.address + it.size,
    );
    return (
      home && file.subarray(home.offset + address - home.address, home.offset + address - home.address + size)
    );
  };
}
