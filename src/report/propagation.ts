/** Whether trace context goes out with the target's requests, and why not. */
import type { OutgoingCount } from "../generated/shared.ts";
import { counted, isOrAre } from "./count.ts";
import { printable, printablePath } from "./printable.ts";
import type { TierReport, TierReports } from "./start-report.ts";

export const propagationMessages = {
  wouldSend: (pid: number) => `trace context in requests that process ${pid} sends:`,
  /** `what` it is for, as the libraries say: "plaintext HTTP/1 requests and gRPC calls". */
  socketOn: (what: string, adopted: number) =>
    `  socket tier: on, ${what} carry trace context${adopted > 0 ? `; ${counted(adopted, "open connection")} taken over` : ""}`,
  socketWouldBeOn: (what: string) => `  socket tier: would be on, ${what} would carry trace context`,
  socketOff: (what: string, reason: string) =>
    `  socket tier: off, ${what} go out without trace context: ${printable(reason, 400)}`,
  /** The other tier carries all requests then. */
  socketReplaced: (what: string, reason: string) =>
    `  socket tier: off (${printable(reason, 400)}); the write tier carries ${what} too`,
  notAdopted: (failed: number) =>
    `  socket tier: ${counted(failed, "open connection")} could not be taken over: requests on ${failed === 1 ? "it" : "them"} go out without trace context`,
  oldConnectionsOut: (reason: string) =>
    `  socket tier: requests on connections that were open before go out without trace context: ${reason}`,
  writeOn: (what: string) => `  write tier: on, ${what} carry trace context`,
  writeWouldBeOn: (what: string) => `  write tier: would be on, ${what} would carry trace context`,
  writeOff: (what: string, reason: string) =>
    `  write tier: off, ${what} go out without trace context: ${printable(reason, 400)}`,
};

/** What the write tier carries: beside the socket tier, and alone. */
const besideSockets = ["requests and gRPC calls over TLS", "net/http's HTTP/2"];
const allRequests = ["requests", "gRPC calls"];
const messagesToo = "Kafka messages";

const listed = (items: readonly string[]) => new Intl.ListFormat("en-GB").format(items);

/** "requests and gRPC calls over TLS and net/http's HTTP/2" */
export const written = listed(besideSockets);

export interface TierWords {
  /** What the target's libraries have the sockets carry. */
  readonly bySocket: readonly string[];
  /** Open connections that the socket tier has taken over; undefined when nothing was attached. */
  readonly adopted?: number;
}

export interface TierTexts {
  readonly socket?: string;
  readonly write?: string;
  /** Where messages fare otherwise than requests. */
  readonly messages?: string;
}

/** A line for each tier that the target has use for. */
export function tierTexts(
  { socket, write, messages }: TierReports,
  { bySocket, adopted }: TierWords,
): TierTexts {
  const say = propagationMessages;
  const what = bySocket.join(" and ");
  const socketOn = () => (adopted === undefined ? say.socketWouldBeOn(what) : say.socketOn(what, adopted));
  const socketOff = write?.on ? say.socketReplaced : say.socketOff;
  const writeOn = adopted === undefined ? say.writeWouldBeOn : say.writeOn;
  const line = ({ on, reason }: NonNullable<TierReport>, what: readonly string[]) =>
    on ? writeOn(listed(what)) : say.writeOff(listed(what), reason ?? "");
  const alike = write && messages && write.on === messages.on && write.reason === messages.reason;
  const requests = write?.on && !socket?.on ? allRequests : besideSockets;
  return {
    ...(socket && { socket: socket.on ? socketOn() : socketOff(what, socket.reason ?? "") }),
    ...(write && { write: line(write, alike ? [...requests, messagesToo] : requests) }),
    ...(messages && !alike && { messages: line(messages, [messagesToo]) }),
  };
}

/** Reasons why open connections were not taken over. */
export const notAdopted = {
  missing: (capabilities: readonly string[]) => `${areMissing(capabilities)} to take them over`,
  nobodyMay: "kernel.yama.ptrace_scope is 3: until the next boot nobody may take them over",
  filtered: seccompAnswers,
  refused: (code: string) =>
    `the kernel refuses to hand them over (${code}), as a security module makes it do`,
};

function areMissing(capabilities: readonly string[]): string {
  return `${capabilities.join(", ")} ${isOrAre(capabilities.length)} missing`;
}

function seccompAnswers(call: string, code: string): string {
  return `a seccomp filter answers ${code} to the system call ${call}`;
}

/** For one request, and for several. */
type OutcomeText = readonly [one: string, many: string];

/** What became of requests that were to carry trace context, beside those that do. */
const withoutContext: Readonly<
  Record<Exclude<keyof typeof OutgoingCount, "handedOver" | "written">, OutcomeText>
> = {
  ownHeader: ["has a trace header of its own", "have a trace header of their own"],
  otherConnection: [
    "goes over TLS, a Unix socket or a connection of the program's own kind",
    "go over TLS, a Unix socket or a connection of the program's own kind",
  ],
  notWatched: same("went out on a connection that was not taken over"),
  headTooLong: [
    "has a head that is too long to look at, or to grow for its peer",
    "have a head that is too long to look at, or to grow for its peer",
  ],
  notHttp: ["does not begin as HTTP does", "do not begin as HTTP does"],
  refused: same("found no memory in the kernel"),
  inTwoParts: same("went out in two writes"),
  noRoom: same("found no room in the socket's buffer"),
  dropped: [
    "was refused by the kernel half-way, and failed",
    "were refused by the kernel half-way, and failed",
  ],
  unreadable: ["is of a connection that could not be read", "are of a connection that could not be read"],
  leftOut: [
    "lacks a tracestate or baggage: of more than 512 bytes, or no longer as it came in",
    "lack a tracestate or baggage: of more than 512 bytes, or no longer as it came in",
  ],
  notWatchable: [
    "connection was not taken by the kernel (no room, or another program watches it)",
    "connections were not taken by the kernel (no room, or another program watches them)",
  ],
};

function same(text: string): OutcomeText {
  return [text, text];
}

type Counts = Readonly<Record<keyof typeof OutgoingCount, number>>;

/**
 * For example "process 12, socket tier: 1,000 requests carried trace context; 3 have a trace header of their own";
 * undefined when there was none.
 */
export function socketTierAccount(pid: number, counts: Counts): string | undefined {
  const account = accountOf(counts, withoutContext);
  return account && `process ${pid}, socket tier: ${account}`;
}

function accountOf(
  counts: Counts,
  texts: Readonly<Partial<Record<keyof typeof OutgoingCount, OutcomeText>>>,
  what = "request",
): string | undefined {
  const others = Object.entries(texts)
    .map(([name, text]) => ({ count: counts[name as keyof typeof OutgoingCount], text }))
    .filter(({ count }) => count > 0)
    .map(({ count, text: [one, many] }) => counted(count, one, many));
  if (counts.written === 0 && others.length === 0) return undefined;
  return [`${counted(counts.written, what)} carried trace context`, ...others].join("; ");
}

/** Reasons why the socket tier is off. */
export const socketTierOff = {
  notAttached: "its programs could not be attached",
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

/** What became of requests that were to carry trace context, beside those that do. */
const notWritten = {
  headTooLong: same("found no room for it in the buffer that it was sent from, or in what its peer takes"),
  refused: [
    "was in memory that could not be written to at that moment",
    "were in memory that could not be written to at that moment",
  ],
  unreadable: same("could not be read"),
  notHttp: ["was not laid out as expected", "were not laid out as expected"],
  leftOut: [
    "lacks a tracestate or baggage: no room for it, or no longer as it came in",
    "lack a tracestate or baggage: no room for it, or no longer as it came in",
  ],
} satisfies Partial<Record<keyof typeof OutgoingCount, OutcomeText>>;

/** For example "process 12, write tier: 1,000 requests carried trace context; 3 could not be read"; likewise. */
export function writeTierAccount(pid: number, counts: Counts): string | undefined {
  const account = accountOf(counts, notWritten);
  return account && `process ${pid}, write tier: ${account}`;
}

/** Likewise, of messages; one that is sent again counts again. */
const messagesWithout = {
  ownHeader: withoutContext.ownHeader,
  headTooLong: same("had no room for it, among the headers or in the batch"),
  noRoom: same("found no free place for headers"),
  refused: notWritten.refused,
  unreadable: notWritten.unreadable,
  notHttp: notWritten.notHttp,
  leftOut: notWritten.leftOut,
} satisfies Partial<Record<keyof typeof OutgoingCount, OutcomeText>>;

/** For example "process 12, write tier: 1,000 messages carried trace context; 3 have a trace header of their own". */
export function messageAccount(pid: number, counts: Counts): string | undefined {
  const account = accountOf(counts, messagesWithout, "message");
  return account && `process ${pid}, write tier: ${account}`;
}

/** Reasons why the write tier is off. */
export const writeTierOff = {
  notAttached: socketTierOff.notAttached,
  lockedDown: (mode: string) =>
    `the kernel is locked down (${mode}): no program may write to a process's memory`,
  missing: "CAP_SYS_ADMIN is missing, which programs that write to a process's memory take",
  missingOrLockedDown:
    "CAP_SYS_ADMIN is missing, which programs that write to a process's memory take (and a kernel that is not locked down, which doesn't show here)",
  refused: (code: string) =>
    `the kernel refuses programs that write to a process's memory (${code}), as one that is locked down does`,
};

/** Reasons why messages carry no trace context where the kernel would allow it: src/target/stack-room.ts. */
export const stackRoomReasons = {
  noStack: "the stack that the kernel gave the program's main thread can't be found",
  otherStack:
    "Go's runtime doesn't run the program's main thread on the usual part of its stack, as in programs with cgo: what is written needs the part that is never used",
  tooSmall: "the stack of the program's main thread has no unused part (ulimit -s)",
  inUse: "the part of the main thread's stack that Go leaves unused is in use",
  notWritable: "the unused part of the main thread's stack can't be written to",
  closed: (code: string) => `the program's memory can't be opened (${code})`,
};
