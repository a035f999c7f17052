import { counted } from "./count.ts";
import { ExitCode } from "./exit-code.ts";
import { printable, printablePath } from "./printable.ts";
import { UserError } from "./user-error.ts";

export function noSuchProcess(
  pid: number,
  hint: { elsewhere: readonly number[]; hidden: boolean },
): UserError {
  const [elsewhere] = hint.elsewhere;
  return new UserError(ExitCode.noTarget, {
    what: `there is no process ${pid}`,
    why: elsewhere
      ? `${pid} is a number inside a container; from here that process is ${hint.elsewhere.join(" or ")}`
      : hint.hidden
        ? "it has ended, or it is another user's and /proc is mounted with hidepid"
        : "it has ended, or it is in another PID namespace, such as another container's",
    next: elsewhere
      ? `otel-go-auto --pid ${elsewhere}`
      : "compare with ps in the same container; a sidecar needs a shared PID namespace (Kubernetes: shareProcessNamespace: true, Docker: --pid=container:NAME)",
  });
}

/** Pids of /proc would name other processes to the kernel, or none. */
export function foreignProc(): UserError {
  return new UserError(ExitCode.failure, {
    what: "/proc shows another PID namespace than this process is in",
    why: "its numbers mean other processes, or none, when a probe is attached",
    next: "run in the PID namespace that /proc shows (Kubernetes: hostPID: true, Docker: --pid=host), or mount a /proc of its own",
  });
}

export function kernelThread(pid: number, command: string): UserError {
  return new UserError(ExitCode.noTarget, {
    what: `process ${pid} (${printable(command)}) is a thread of the kernel`,
    why: "it runs no executable",
    next: "give the pid of a Go program",
  });
}

export function zombie(pid: number, command: string): UserError {
  return new UserError(ExitCode.noTarget, {
    what: `process ${pid} (${printable(command)}) has ended`,
    why: "it is a zombie: only its exit code waits for its parent",
    next: "give the pid of a running Go program",
  });
}

export function isThread(thread: number, leader: number): UserError {
  return new UserError(ExitCode.noTarget, {
    what: `${thread} is a thread, not a process`,
    why: `it belongs to process ${leader}`,
    next: `otel-go-auto --pid ${leader}`,
  });
}

/** The capability is there, but counts in a user namespace that the target is not in. */
export function otherUserNamespace(pid: number): UserError {
  return new UserError(ExitCode.noPermission, {
    what: `no permission to look at process ${pid} from a user namespace`,
    why: "the capabilities of this process count in its own user namespace, and that process is outside of it",
    next: "run without user namespaces (Docker: --userns=host; not in rootless Docker or podman)",
  });
}

export function noPermission(pid: number, capability: string, held: boolean): UserError {
  const reading =
    capability === "CAP_SYS_PTRACE" ? "to look at another user's process" : "to read its executable";
  return new UserError(ExitCode.noPermission, {
    what: `no permission to read the executable of process ${pid}`,
    why: held
      ? "the capabilities for it are there, but a security module (AppArmor, SELinux) forbids it"
      : `this process has no ${capability}, which it takes ${reading}`,
    next: held
      ? "run with a security profile that allows to read other processes"
      : `run as root or add ${capability} (Docker: --cap-add ${capability.replace("CAP_", "")})`,
  });
}

export function isDirectory(path: string): UserError {
  return badExecutable(path, "it is a directory", "give the path of the executable file in it");
}

export function isScript(path: string, interpreter: string): UserError {
  return badExecutable(
    path,
    `it is a script for ${printable(interpreter)}, and the process that runs it shows the interpreter as its executable`,
    "give the path of the Go binary that the script starts",
  );
}

export function notElf(path: string): UserError {
  return badExecutable(
    path,
    "it is not an ELF file, so no process can run it",
    "give the path of a Go binary",
  );
}

function badExecutable(path: string, why: string, next: string): UserError {
  return new UserError(ExitCode.usage, {
    what: `OTEL_GO_AUTO_TARGET_EXE=${printablePath(path)} cannot be traced`,
    why,
    next,
  });
}

export const targetMessage = {
  waiting: (path: string) => `waiting for a process that runs ${printablePath(path)}`,
  notHere: (path: string) =>
    `${printablePath(path)} is not to be seen here; that is fine when it is a path inside the target's container`,
  relative: (path: string) =>
    `OTEL_GO_AUTO_TARGET_EXE=${printablePath(path)} is taken from the agent's own working directory; an absolute path says what is meant`,
  tooMany: (limit: number) => `${limit} processes that run it are traced; further ones are left out`,
  otherFile: (pid: number, path: string, traced: number) =>
    `process ${pid} runs another file than process ${traced}, also called ${printablePath(path)}: it has its turn when that is over`,
  stillWaiting: (path: string, seen: number, near: readonly string[]) =>
    [
      `still waiting for ${printablePath(path)}; none of the ${counted(seen, "process", "processes")} seen here runs it`,
      ...(near.length === 0
        ? ["none has its name either: is the PID namespace shared with the target?"]
        : near),
    ].join("; "),
  sameName: (pid: number, path: string) =>
    `process ${pid} runs ${printablePath(path)}, which has the same name`,
  inArguments: (pid: number, path: string) =>
    `process ${pid} (${printablePath(path)}) has it among its arguments, as a wrapper would`,
  denied: (count: number, hasCapability: boolean) =>
    `${counted(count, "process", "processes")} may not be looked at; ${hasCapability ? "a security module or a user namespace forbids it" : "without CAP_SYS_PTRACE that is usual"}`,
};
