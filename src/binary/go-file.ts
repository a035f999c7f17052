/** Short looks at a file: is there Go in it? Nobody is told why not. */
import { UserError } from "../report/user-error.ts";
import { BadBinary } from "./bad-binary.ts";
import { readBuildInfo } from "./build-info.ts";
import { type Elf, readElf } from "./elf.ts";
import { BinaryFile } from "./file.ts";
import { Memory } from "./memory.ts";

/** Whether it is a program or library with Go code, as far as it can be read. */
export function hasGoCode(path: string): boolean {
  return lookInto(path, () => true) ?? false;
}

/** Where in the file of a Go program its first instruction stands; undefined when it is no Go program. */
export function entryOfGoProgram(path: string): number | undefined {
  return lookInto(path, (elf, memory) => memory.offsetOf(elf.entry));
}

function lookInto<T>(path: string, look: (elf: Elf, memory: Memory) => T): T | undefined {
  let file: BinaryFile | undefined;
  try {
    file = new BinaryFile(path);
    const elf = readElf(file);
    const memory = new Memory(file, elf.segments);
    return readBuildInfo(file, elf, memory) && look(elf, memory);
  } catch (error) {
    if (error instanceof BadBinary || error instanceof UserError) return undefined;
    throw error;
  } finally {
    file?.close();
  }
}
