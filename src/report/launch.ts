/** What the agent says about the application that `run --` starts. */
import { ExitCode } from "./exit-code.ts";
import { printable, printablePath } from "./printable.ts";
import { systemWords } from "./system-error.ts";
import { type Explanation, UserError } from "./user-error.ts";

export function commandNotFound(name: string): UserError {
  return new UserError(ExitCode.noTarget, {
    what: `there is no command ${printablePath(name)}`,
    why: name.includes("/") ? "no such file" : "no folder of PATH has it",
    next: "check the command behind run --; a path is taken from the working directory",
  });
}

export function notExecutable(file: string): UserError {
  return new UserError(ExitCode.noPermission, {
    what: `${printablePath(file)} can't be executed`,
    why: "this user has no permission to execute it, or its file system is mounted noexec",
    next: `chmod +x ${printablePath(file)}`,
  });
}

const execErrors: Readonly<Record<string, string>> = {
  "Unknown system error -8":
    "it is neither a program for this machine nor a script whose first line begins with #!",
  ENOENT: "its interpreter, or the loader that it is linked to, is not there",
  E2BIG: "its arguments and environment are too long together",
  ETXTBSY: "somebody is writing to the file",
};

/** `code` is the system's word for it; Node has none for ENOEXEC, which is 8 everywhere. */
export function execFailed(file: string, code: string): UserError {
  if (code === "EACCES" || code === "EPERM") return notExecutable(file);
  return new UserError(ExitCode.noTarget, {
    what: `${printablePath(file)} can't be executed`,
    why: execErrors[code] ?? `the system says: ${systemWords(code)}`,
    next: "start it without otel-go-auto to see whether it is a program of this system",
  });
}

export function cannotStart(file: string, code: string): UserError {
  return new UserError(ExitCode.failure, {
    what: `no process can be started for ${printablePath(file)}`,
    why: `the system says: ${systemWords(code)}`,
    next: "raise the limit of processes or memory of this container",
  });
}

/** The same, when the application runs all the same. */
export function untraced({ what, why, next }: Explanation): Explanation {
  return { what, ...(why && { why }), works: "the application runs on, untraced", ...(next && { next }) };
}

export const launchMessages = {
  wrapper: (file: string, why: string) =>
    `${printablePath(file)} is not traced itself${why && ` (${printable(why)})`}: the Go programs that it starts are`,
  notStopped: (why: string) =>
    `the application could not be held back at its first instruction (${printable(why)}): its first requests may be missed`,
  letGo: (seconds: number) =>
    `attaching took longer than ${seconds} s, on a machine that is busy: the application was let go before, and its first requests may be missed`,
  notTraced: ({ pid, exePath }: { pid: number; exePath: string }, { what, why }: Explanation) =>
    `process ${pid} (${printablePath(exePath)}) is not traced: ${printable(why ?? what, 1000)}`,
  tooMany: (limit: number) =>
    `${limit} processes are traced; further ones that the application starts are left out`,
};
