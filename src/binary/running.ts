import { hostOfLibrary, wrapperOf } from "../report/binary.ts";
import { ExitCode } from "../report/exit-code.ts";
import { UserError } from "../report/user-error.ts";
import { readMappings } from "../target/mappings.ts";
import { executablePath } from "../target/open.ts";
import type { Target } from "../target/target.ts";
import { descendantsOf } from "../target/tree.ts";
import { hasGoCode } from "./go-file.ts";
import { openGoBinary } from "./index.ts";
import type { GoBinary } from "./types.ts";

/** Libraries that are looked into; browsers have about 200. */
const maxLibraries = 256;
/** Programs that a message names. */
const maxPrograms = 5;

/** Opens the executable that a process runs, as `openGoBinary` does. */
export function openRunning(target: Target): GoBinary {
  const name = `${target.exePath} (process ${target.pid})`;
  try {
    return openGoBinary(target.exeLink, name);
  } catch (error) {
    const refused = error instanceof UserError && error.exitCode === ExitCode.nothingToInstrument;
    if (!refused) throw error;
    const library = goLibraryOf(target.pid);
    if (library !== undefined) throw hostOfLibrary(name, library);
    const children = goProgramsBelow(target.pid);
    throw children.length === 0 ? error : wrapperOf(error, children);
  }
}

/** Go programs that a process has started, itself or by others: a shell's, or an init's. */
function goProgramsBelow(pid: number): { readonly pid: number; readonly path: string }[] {
  const programs = descendantsOf(pid).filter((child) => hasGoCode(`/proc/${child}/exe`));
  return programs.slice(0, maxPrograms).flatMap((child) => {
    const path = executablePath(child);
    return path === undefined ? [] : [{ pid: child, path }];
  });
}

/** A shared library with Go code that the process has loaded. */
function goLibraryOf(pid: number): string | undefined {
  try {
    const loaded = readMappings(pid).filter(({ executable, path }) => executable && /\.so\b/.test(path));
    const paths = [...new Set(loaded.map(({ path }) => path))].slice(0, maxLibraries);
    return paths.find((path) => hasGoCode(`/proc/${pid}/root${path}`));
  } catch {
    return undefined; // the process has ended, or may not be looked at
  }
}
