import { ExitCode } from "./exit-code.ts";
import { printable, printablePath } from "./printable.ts";
import { systemWords } from "./system-error.ts";
import { UserError } from "./user-error.ts";

export function missingFile(path: string): UserError {
  return new UserError(ExitCode.noTarget, {
    what: `there is no file ${printablePath(path)}`,
    next: "check the path; it has to exist where otel-go-auto runs",
  });
}

/** `code` is the system's word for it, such as EACCES. */
export function unreadableFile(path: string, code: string): UserError {
  const denied = code === "EACCES" || code === "EPERM";
  return new UserError(denied ? ExitCode.noPermission : ExitCode.noTarget, {
    what: `${printablePath(path)} can't be read`,
    why: denied ? "this user has no permission to read it" : `the system says: ${systemWords(code)}`,
    next: denied
      ? "run as root, or as a user who may read the file"
      : "try again, or copy the file elsewhere",
  });
}

export function notAFile(path: string): UserError {
  return unusable(path, "it is a directory, pipe or device, not a file", giveTheProgram);
}

export function notElf(path: string): UserError {
  return unusable(path, "it isn't an ELF file, the format of Linux programs", giveTheProgram);
}

export function archiveFile(path: string): UserError {
  return unusable(path, "it is an archive of object files, not a program", giveTheProgram);
}

/** `firstLine` is what stands behind the "#!". */
export function scriptFile(path: string, firstLine: string): UserError {
  const words = firstLine.split(/\s+/);
  const interpreter = words[0]?.endsWith("/env")
    ? words.find((word, i) => i > 0 && !word.startsWith("-"))
    : words[0];
  return unusable(
    path,
    `it is a script that ${printable(interpreter || "a shell")} runs, so the program is another file`,
    "give the Go program that the script starts",
  );
}

export function elf32(path: string): UserError {
  return unusable(path, "it is a 32-bit program", "build it for linux/amd64 or linux/arm64");
}

export function bigEndian(path: string): UserError {
  return unusable(path, "it is for a big-endian machine", "build it for linux/amd64 or linux/arm64");
}

/** `machine` is e_machine of the ELF header. */
export function otherMachine(path: string, machine: number): UserError {
  const name = machineNames[machine] ?? `machine ${machine} of the ELF registry`;
  return unusable(path, `it is for ${name}`, "build it for linux/amd64 or linux/arm64");
}

/** `type` is e_type of the ELF header. */
export function notExecutable(path: string, type: number): UserError {
  const kind = type === 1 ? "an object file" : type === 4 ? "a core dump" : `an ELF file of type ${type}`;
  return unusable(path, `it is ${kind}, not a program`, giveTheProgram);
}

export function truncatedFile(path: string, detail: string): UserError {
  return unusable(path, `the file is cut off: ${detail}`, "copy or build the program again");
}

export function packedFile(path: string): UserError {
  return unusable(
    path,
    "it is packed with UPX, so its code and tables aren't in the file",
    "unpack it with `upx -d`, or deploy it unpacked",
  );
}

export function notGo(path: string): UserError {
  return unusable(
    path,
    "it isn't a Go program: it has neither Go's build info nor its function table",
    "give a program that the go command built",
  );
}

export function garbledFile(path: string): UserError {
  return unusable(
    path,
    'it seems to be obfuscated by garble: its build info gives Go\'s version as "unknown", and its names and tables are changed',
    "deploy a build that the go command made without garble",
  );
}

export function gccgoFile(path: string): UserError {
  return unusable(
    path,
    "it was built with gccgo, which lays out code and types in a way of its own",
    "build it with the go command and its own compiler (-compiler=gc)",
  );
}

export function tinyGoFile(path: string): UserError {
  return unusable(
    path,
    "it was built with TinyGo, which lays out code and types in a way of its own",
    "build it with the go command",
  );
}

/** `mode` is the -buildmode of the go command. */
export function sharedLibrary(path: string, mode: string): UserError {
  const kind = mode === "plugin" ? "a Go plugin" : "a Go shared library";
  return unusable(
    path,
    `it is ${kind} (-buildmode=${mode}), which another program loads`,
    "build the service as a program, with its Go code in the executable",
  );
}

/** The process itself can't be traced, but it has started Go programs. */
export function wrapperOf(
  { exitCode, explanation }: UserError,
  programs: readonly { readonly pid: number; readonly path: string }[],
): UserError {
  const named = programs.map(({ pid, path }) => `process ${pid} (${printablePath(path)})`);
  const [first] = programs;
  return new UserError(exitCode, {
    ...explanation,
    why: [explanation.why, `but it has started ${named.join(", ")}`].filter(Boolean).join("; "),
    next: `otel-go-auto --pid ${first?.pid}, or OTEL_GO_AUTO_TARGET_EXE=${printablePath(first?.path ?? "")}`,
  });
}

/** A program whose Go code is in a library that it has loaded. */
export function hostOfLibrary(path: string, library: string): UserError {
  return unusable(
    path,
    `it isn't a Go program itself: its Go code is in the shared library ${printablePath(library)}, which it has loaded`,
    "build the service as a Go program, with its Go code in the executable",
  );
}

export function goWithoutTables(path: string): UserError {
  return unusable(
    path,
    "it is a Go program that has neither the build info of Go 1.13 and later nor a function table of Go 1.16 and later",
    "build it with a newer Go, without a tool that removes its metadata",
  );
}

export function noBuildInfo(path: string): UserError {
  return unusable(
    path,
    "it is a Go program without build info, so its Go version is unknown",
    "build it with the go command, without a tool that removes its metadata",
  );
}

export function oldGo(path: string, version: string): UserError {
  return unusable(
    path,
    `it was built with ${printable(version)}`,
    "build it with a newer Go; otel-go-auto --supported-versions lists them",
  );
}

export function newGo(path: string, version: string): UserError {
  return unusable(
    path,
    `it was built with ${printable(version)}, which lays out its tables in a way that this version of otel-go-auto doesn't know`,
    "take a newer otel-go-auto",
  );
}

/** `detail` says which promise of the file is broken. */
export function damagedFile(path: string, detail: string): UserError {
  return unusable(
    path,
    `the file is damaged or was changed after the build: ${detail}`,
    "build the program again",
  );
}

const giveTheProgram = "give the file of a Go program";

const machineNames: Readonly<Record<number, string>> = {
  2: "sparc",
  3: "386 (32-bit)",
  8: "mips",
  20: "ppc",
  21: "ppc64",
  22: "s390x",
  40: "arm (32-bit)",
  243: "riscv64",
  258: "loong64",
};

function unusable(path: string, why: string, next: string): UserError {
  return new UserError(ExitCode.nothingToInstrument, {
    what: `${printablePath(path)} can't be traced`,
    why,
    next,
  });
}
