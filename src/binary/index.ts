import { damagedFile, newGo } from "../report/binary.ts";
import { BadBinary } from "./bad-binary.ts";
import { readDebugSection } from "./dwarf/debug-sections.ts";
import { openDebugTypes } from "./dwarf/index.ts";
import { findSection, readElf } from "./elf.ts";
import { BinaryFile } from "./file.ts";
import { openFunctions } from "./functions/index.ts";
import { identify } from "./identify.ts";
import { Memory } from "./memory.ts";
import { locateModuledata } from "./moduledata.ts";
import { readBuildId } from "./notes.ts";
import { type Layouts, readLayouts, UnknownLayout } from "./release.ts";
import { Relocations } from "./relocations.ts";
import { openRuntimeTypes } from "./runtime-types/index.ts";
import { Itabs } from "./runtime-types/itabs.ts";
import { findSymbols } from "./symbols.ts";
import type { DebugTypes, FunctionTable, GoBinary, GoVersion } from "./types.ts";

/**
 * Opens the executable file of a Go program. Only headers and tables of contents are read at once; the rest
 * follows when it is asked for. Throws UserErrors, also later out of the functions of what it returns; they name the
 * file `name`. The file stays open until `close`.
 */
export function openGoBinary(path: string, name = path): GoBinary {
  const file = new BinaryFile(path, name);
  try {
    return guarded(name, () => assemble(file));
  } catch (error) {
    file.close();
    throw error;
  }
}

function assemble(file: BinaryFile): GoBinary {
  const { path } = file;
  const elf = readElf(file);
  const relocations = elf.pie ? new Relocations(file, elf) : undefined;
  const memory = new Memory(file, elf.segments, relocations && ((address) => relocations.at(address)));
  const { buildInfo, pclntab } = identify(file, elf, memory);
  const at = locateModuledata({ file, elf, memory, relocations, pclntab });
  const { moduledata, descriptors } = layoutsOf(path, memory, at, buildInfo.goVersion);
  const functions = openFunctions(memory, pclntab, moduledata);
  const types = openRuntimeTypes(descriptors, moduledata, (path) => functions.hasPackage(path));
  const guard = <T>(read: () => T) => guarded(path, read);
  const itabs = new Itabs(descriptors, moduledata, types.nameAt);
  let debug: { readonly types: DebugTypes | undefined } | undefined;
  return {
    path,
    size: file.size,
    arch: elf.arch,
    pie: elf.pie,
    dynamic: elf.segments.some(({ type }) => type === "interp"),
    buildId: readBuildId(file, elf),
    hasSymbols: [".symtab", ".debug_info"].some((name) => findSection(elf, file, name) !== undefined),
    buildInfo,
    functions: guardedFunctions(functions, guard),
    types,
    get debug() {
      debug ??= { types: openDebugTypes((name) => readDebugSection(file, elf, name)) };
      return debug.types;
    },
    itabs: () => guard(() => itabs.all()),
    itabsOf: (name) => guard(() => itabs.of(name)),
    symbols: (name) => guard(() => findSymbols(file, elf, name)),
    code: (fn) => guard(() => memory.bytes(fn.address, fn.end - fn.address)),
    codeChunks: (address, length, overlap) => guardedEach(memory.chunks(address, length, overlap), guard),
    fileOffset: (address) => memory.offsetOf(address),
    segments: elf.segments.filter((segment) => segment.type === "load"),
    forget: () => file.forget(),
    close: () => file.close(),
  };
}

function layoutsOf(path: string, memory: Memory, moduledata: number, { minor, text }: GoVersion): Layouts {
  try {
    return readLayouts(memory, moduledata, minor);
  } catch (error) {
    throw error instanceof UnknownLayout ? newGo(path, text) : error;
  }
}

function guarded<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof BadBinary ? damagedFile(path, error.message) : error;
  }
}

function guardedFunctions(functions: FunctionTable, guard: <T>(read: () => T) => T): FunctionTable {
  return {
    find: (name) => guard(() => functions.find(name)),
    findAll: (names) => guard(() => functions.findAll(names)),
    hasPackage: (path) => guard(() => functions.hasPackage(path)),
    hasName: (name) => guard(() => functions.hasName(name)),
    allNames: () => guardedEach(functions.allNames(), guard),
    at: (address) => guard(() => functions.at(address)),
    all: () => guardedEach(functions.all(), guard),
  };
}

function* guardedEach<T>(items: Iterable<T>, guard: <R>(read: () => R) => R): Generator<T> {
  const iterator = items[Symbol.iterator]();
  try {
    for (let step = guard(() => iterator.next()); !step.done; step = guard(() => iterator.next()))
      yield step.value;
  } finally {
    iterator.return?.();
  }
}
