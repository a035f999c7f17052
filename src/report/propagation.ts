/** Whether trace context goes out with the target's requests, and why not. */
import type { OutgoingCount } from "../generated/shared.ts";
import { printable, printablePath } from "./printable.ts";

export const propagationMessages = {
  on: (adopted: number) =>
    `  socket tier: on, plaintext HTTP/1 requests carry trace context${adopted > 0 ? `; ${adopted} open connections taken over` : ""}`,
  off: (reason: string) =>
    `  socket tier: off, requests go out without trace context: ${printable(reason, 400)}`,
  notAdopted: (failed: number) =>
    `  socket tier: ${failed} open connections could not be taken over: their requests go out without trace context`,
  oldConnectionsOut: (reason: string) =>
    `  socket tier: requests on connections that were open before go out without trace context: ${reason}`,
};

/** Reasons why open connections were not taken over. */
export const notAdopted = {
  missing: (capabilities: readonly string[]) => `${areMissing(capabilities)} to take them over`,
  nobodyMay: "kernel.yama.ptrace_scope is 3: until the next boot nobody may take them over",
  filtered: seccompAnswers,
  refused: (code: string) =>
    `the kernel refuses to hand them over (${code}), as a security module makes it do`,
};

function areMissing(capabilities: readonly string[]): string {
  return `${capabilities.join(", ")} ${capabilities.length === 1 ? "is" : "are"} missing`;
}

function seccompAnswers(call: string, code: string): string {
  return `a seccomp filter answers ${code} to the system call ${call}`;
}

/** What became of requests that were to carry trace context, beside those that do. */
const withoutContext: Readonly<
  Record<Exclude<keyof typeof OutgoingCount, "handedOver" | "written">, string>
> = {
  ownHeader: "have a trace header of their own",
  otherConnection: "go over TLS, or over a connection of the program's own kind",
  notWatched: "went out on a connection that was not taken over",
  headTooLong: "have a head that is too long to look at",
  notHttp: "do not begin as HTTP/1 does",
  refused: "found no memory in the kernel",
  dropped: "were refused by the kernel half-way, and failed",
  unreadable: "are of a connection that could not be read",
  leftOut: "lack a tracestate or baggage: of more than 512 bytes, or no longer as it came in",
  notWatchable: "connections were not taken by the kernel (no room, or another program watches them)",
};

/** For example "socket tier: 1,000 requests carried trace context; 3 have a trace header of their own". */
export function socketTierAccount(counts: Readonly<Record<keyof typeof OutgoingCount, number>>): string {
  return `socket tier: ${accountOf(counts, withoutContext)}`;
}

function accountOf(
  counts: Readonly<Record<keyof typeof OutgoingCount, number>>,
  texts: Readonly<Partial<Record<keyof typeof OutgoingCount, string>>>,
): string {
  const others = Object.entries(texts)
    .map(([name, text]) => ({ count: counts[name as keyof typeof OutgoingCount], text }))
    .filter(({ count }) => count > 0)
    .map(({ count, text }) => `${count.toLocaleString("en")} ${text}`);
  return [`${counts.written.toLocaleString("en")} requests carried trace context`, ...others].join("; ");
}

/** Reasons why the socket tier is off. */
export const socketTierOff = {
  disabled: "OTEL_PROPAGATORS names none that could be written",
  noCgroup: (targetsCgroup: string | undefined) =>
    targetsCgroup === undefined
      ? "the target is in no cgroup of version 2"
      : `the target's cgroup ${printablePath(targetsCgroup)} is below no cgroup2 mount of this agent or of the target; mount the host's /sys/fs/cgroup into its container`,
  noKernelTypes: "the kernel's type information, /sys/kernel/btf/vmlinux, can't be read",
  unknownKernelField: (struct: string, field: string) => `this kernel has no ${struct}.${field}`,
  missing: areMissing,
  filtered: seccompAnswers,
  lockedMemory: (limit: number) =>
    `only ${limit.toLocaleString("en")} bytes of memory may be locked (ulimit -l), and CAP_SYS_RESOURCE to raise that is missing`,
  refused: (message: string, code: string) => `the kernel refuses it: ${message} (${code})`,
};

/** What the socket tier can't carry, or all when it is off. */
export const writeTierMessages = {
  on: (alone: boolean) =>
    `  write tier: on, requests ${alone ? "" : "over TLS and of HTTP/2 "}carry trace context`,
  off: (reason: string) =>
    `  write tier: off, requests over TLS and of HTTP/2 go out without trace context: ${printable(reason, 400)}`,
};

/** What became of requests that were to carry trace context, beside those that do. */
const notWritten = {
  headTooLong: "found no room for it in the buffer that they were sent from",
  refused: "were in memory that could not be written to at that moment",
  unreadable: "could not be read",
  notHttp: "were not laid out as expected",
  leftOut: "lack a tracestate or baggage: no room for it, or no longer as it came in",
} satisfies Partial<Record<keyof typeof OutgoingCount, string>>;

/** For example "write tier: 1,000 requests carried trace context; 3 could not be read". */
export function writeTierAccount(counts: Readonly<Record<keyof typeof OutgoingCount, number>>): string {
  return `write tier: ${accountOf(counts, notWritten)}`;
}

/** Reasons why the write tier is off. */
export const writeTierOff = {
  notAttached: "its programs could not be attached",
  lockedDown: (mode: string) =>
    `the kernel is locked down (${mode}): no program may write to a process's memory`,
  missing: "CAP_SYS_ADMIN is missing, which programs that write to a process's memory take",
  missingOrLockedDown:
    "CAP_SYS_ADMIN is missing, which programs that write to a process's memory take (and a kernel that is not locked down, which doesn't show here)",
  refused: (code: string) =>
    `the kernel refuses programs that write to a process's memory (${code}), as one that is locked down does`,
};
