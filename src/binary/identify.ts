import {
  damagedFile,
  garbledFile,
  gccgoFile,
  goWithoutTables,
  noBuildInfo,
  notGo,
  oldGo,
  packedFile,
  sharedLibrary,
  tinyGoFile,
} from "../report/binary.ts";
import type { UserError } from "../report/user-error.ts";
import { BadBinary, NoGoVersion } from "./bad-binary.ts";
import { readBuildInfo } from "./build-info.ts";
import type { Elf } from "./elf.ts";
import type { BinaryFile } from "./file.ts";
import { otherCompiler } from "./foreign-marks.ts";
import { locatePclntab, type Pclntab } from "./functions/pclntab.ts";
import { oldestMinor } from "./go-facts/fact.ts";
import type { Memory } from "./memory.ts";
import { hasGoNote } from "./notes.ts";
import type { BuildInfo } from "./types.ts";

/** What every Go program has. Throws a UserError that says what the file is instead. */
export function identify(
  file: BinaryFile,
  elf: Elf,
  memory: Memory,
): { readonly buildInfo: BuildInfo; readonly pclntab: Pclntab } {
  const buildInfo = ownBuildInfo(file, elf, memory);
  if (buildInfo) refuseOthers(file, buildInfo);
  const pclntab = locatePclntab(file, elf, memory);
  if (buildInfo && pclntab) return { buildInfo, pclntab };
  throw withoutTables(file, elf, memory, { buildInfo, pclntab });
}

function ownBuildInfo(file: BinaryFile, elf: Elf, memory: Memory): BuildInfo | undefined {
  try {
    return readBuildInfo(file, elf, memory);
  } catch (error) {
    // garble links every program with runtime.buildVersion=unknown.
    if (error instanceof NoGoVersion && error.said === "unknown") throw garbledFile(file.path);
    // The mark of build info is also a constant of the package debug/buildinfo, as libgo has it.
    throw (error instanceof BadBinary && foreign(file, elf, memory)) || error;
  }
}

function refuseOthers({ path }: BinaryFile, { goVersion, settings }: BuildInfo): void {
  if (goVersion.major !== 1 || goVersion.minor < oldestMinor) throw oldGo(path, goVersion.text);
  const mode = settings.get("-buildmode") ?? "";
  if (["c-shared", "plugin", "shared"].includes(mode)) throw sharedLibrary(path, mode);
}

function withoutTables(
  file: BinaryFile,
  elf: Elf,
  memory: Memory,
  found: { readonly buildInfo: BuildInfo | undefined; readonly pclntab: Pclntab | undefined },
): UserError {
  const { path } = file;
  if (isPacked(file)) return packedFile(path);
  if (found.buildInfo) return damagedFile(path, "its function table isn't there");
  if (found.pclntab) return noBuildInfo(path);
  if (hasGoNote(file, elf)) return goWithoutTables(path);
  return foreign(file, elf, memory) ?? notGo(path);
}

/** Of another compiler for Go. */
function foreign(file: BinaryFile, elf: Elf, memory: Memory): UserError | undefined {
  const compiler = otherCompiler(file, elf, memory);
  if (compiler === "gccgo") return gccgoFile(file.path);
  return compiler === "TinyGo" ? tinyGoFile(file.path) : undefined;
}

/** UPX writes its mark behind the program headers. */
function isPacked(file: BinaryFile): boolean {
  return file.bytes(0, Math.min(file.size, 4096)).includes("UPX!");
}
