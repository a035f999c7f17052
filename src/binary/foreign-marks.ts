import { BadBinary } from "./bad-binary.ts";
import { dynamicEntries, dynamicTag } from "./dynamic.ts";
import type { Elf } from "./elf.ts";
import type { BinaryFile } from "./file.ts";
import type { Memory } from "./memory.ts";
import { findSymbols } from "./symbols.ts";

/** The library of gccgo's runtime; and what its runtime says when it fails, in programs that hold it themselves. */
const gccgoLibrary = /^libgo\.so\.\d+$/;
const gccgoText = "libgo assertion failure";
/**
 * Where TinyGo's programs start goroutines, as tasks or (newer ones) threads, and look for pointers on the stack:
 * src/internal/task and src/runtime of TinyGo. A stripped program has no mark.
 */
const tinyGoSymbols = [
  "tinygo_startTask",
  "tinygo_task_init",
  "tinygo_task_current",
  "tinygo_scanCurrentStack",
];
/** libgo's own constants are 3 MB; what is larger is searched up to here only, in a third of a second. */
const maxSearch = 256 * 1024 * 1024;
/** Libraries that a program names; browsers have about 100. */
const maxLibraries = 1024;

/** Which other compiler for Go the program is of; undefined for none that left a mark. */
export function otherCompiler(file: BinaryFile, elf: Elf, memory: Memory): "gccgo" | "TinyGo" | undefined {
  if (needs(file, elf, memory, gccgoLibrary) || hasText(elf, memory, gccgoText)) return "gccgo";
  return tinyGoSymbols.some((name) => findSymbols(file, elf, name).length > 0) ? "TinyGo" : undefined;
}

/** Whether the dynamic loader is told to load a library of such a name. */
function needs(file: BinaryFile, elf: Elf, memory: Memory, library: RegExp): boolean {
  const entries = dynamicEntries(file, elf);
  const names = entries.find(({ tag }) => tag === dynamicTag.stringTable)?.value;
  if (names === undefined) return false;
  return entries
    .filter(({ tag }) => tag === dynamicTag.needed)
    .slice(0, maxLibraries)
    .some(({ value }) => library.test(textAt(memory, names + value)));
}

function textAt(memory: Memory, address: number): string {
  try {
    return memory.text(address);
  } catch (error) {
    if (error instanceof BadBinary) return "";
    throw error;
  }
}

/** Whether the text is among the constants. */
function hasText(elf: Elf, memory: Memory, text: string): boolean {
  const wanted = Buffer.from(text, "latin1");
  for (const { type, writable, address, fileSize } of elf.segments) {
    if (type !== "load" || writable || fileSize === 0) continue;
    for (const { data } of memory.chunks(address, Math.min(fileSize, maxSearch), wanted.length))
      if (data.includes(wanted)) return true;
  }
  return false;
}
