import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { getSystemErrorName } from "node:util";
import { addonMissing, addonUnusable } from "../report/kernel.ts";

/** Offsets and sizes are bytes; keys and values are raw bytes in the machine's order. */
export interface MapDefinition {
  readonly name: string;
  /** BPF_MAP_TYPE_* of linux/bpf.h. */
  readonly type: number;
  readonly keySize: number;
  readonly valueSize: number;
  /** Bytes for a ring buffer, entries for all other types. */
  readonly maxEntries: number;
}

export interface BpfMap {
  readonly info: MapDefinition & {
    readonly id: number;
    /** Bytes that `lookup` gives: valueSize, or for per-CPU maps valueSize rounded up to 8 for each possible CPU. */
    readonly lookupBytes: number;
  };
  /** A fresh buffer of `lookupBytes`, or undefined when there is no such key. */
  lookup(key: Uint8Array): Buffer | undefined;
  /** `value` has `lookupBytes` bytes. All three throw RangeError when a length isn't the map's. */
  update(key: Uint8Array, value: Uint8Array): void;
  /** False when there was no such key. */
  delete(key: Uint8Array): boolean;
  /** At most `limit` keys of a hash map. A map that changes meanwhile may give a key twice, or leave one out. */
  keys(limit: number): Buffer[];
  close(): void;
}

export interface RunStatistics {
  readonly id: number;
  /** Counted only while a `RunStats` is open (or kernel.bpf_stats_enabled is set). */
  readonly runs: bigint;
  readonly nanoseconds: bigint;
  /** Runs that the kernel skipped because the program was already running on that CPU. */
  readonly recursionMisses: bigint;
  readonly jitedBytes: number;
  /** 0 on kernels before 5.16. */
  readonly verifiedInstructions: number;
}

export interface UprobeLink {
  detach(): void;
}

export interface ProgramLink {
  detach(): void;
}

/** One compiled BPF object. Programs, globals and maps are set up before `load`, links and maps taken after it. */
export interface BpfObject {
  programs(): string[];
  /** The maps that the source declares, as it declares them. */
  maps(): MapDefinition[];
  setAutoload(program: string, autoload: boolean): void;
  /** Chooses the kind of link; must be said before `load`. */
  setAttachMulti(program: string, multi: boolean): void;
  /** Initial value of a global variable or constant. Throws when it doesn't exist or has another size. */
  setGlobal(variable: string, value: Uint8Array): void;
  setMaxEntries(map: string, entries: number): void;
  /** BPF_F_* of linux/bpf.h, in place of those that the source declares. */
  setMapFlags(map: string, flags: number): void;
  /** Uses a map that another object created in place of the one declared under this name. */
  shareMap(name: string, map: BpfMap): void;
  /** Throws a SystemError whose `log` holds the verifier's words when it was the verifier. */
  load(): void;
  map(name: string): BpfMap;
  /** Attaches at file offsets of `path`, in process `pid` alone. All of them or none. */
  attachUprobe(program: string, pid: number, path: string, offsets: readonly number[]): UprobeLink;
  /** Attaches to the cgroup with this path, until `detach` or this process's end. */
  attachCgroup(program: string, path: string): ProgramLink;
  /** Attaches to the tracepoint that the program's section names, until `detach` or this process's end. */
  attachTracepoint(program: string): ProgramLink;
  /** Attaches to a map of sockets, for as long as the map lives. */
  attachToMap(program: string, map: string): void;
  runStats(program: string): RunStatistics;
  close(): void;
}

export interface RingReader {
  /**
   * Copies whole records to `into` and consumes them. Each is u32 length, u32 zero, payload, padding to 8 bytes.
   * `more`: records stayed behind because `into` is full. Throws RangeError when not even one fits into it.
   */
  drain(into: Uint8Array): { readonly bytes: number; readonly more: boolean };
  /** Bytes that wait in the ring. */
  pending(): number;
  /** Called after a program submitted a record with a wake-up. Doesn't keep the process alive. */
  onReady(callback: () => void): void;
  close(): void;
}

/** Watches a process until `close`. */
export interface ProcessEnd {
  close(): void;
}

/** A child that executes a program when it is released, or when this process ends, however it ends. */
export interface ChildProcess {
  pid(): number;
  /** From here on until `continue`, somebody sends SIGCONT to the child should this process end, or after this time. */
  guard(milliseconds: number): void;
  /** Lets it execute. */
  release(): void;
  /** The same, and lets it go on when it was stopped since `guard`. */
  continue(): void;
  /** The errno of an exec that failed, else 0; to be asked when it has ended. */
  execError(): number;
}

/** How a child ended: by its own code or by a signal's number. */
export interface EndedChild {
  readonly pid: number;
  readonly code?: number;
  readonly signal?: number;
}

/** The same moment on two clocks. `uncertaintyNanos` is how far apart the two readings may be. */
export interface Clocks {
  readonly realtimeSeconds: number;
  readonly realtimeNanos: number;
  readonly monotonicSeconds: number;
  readonly monotonicNanos: number;
  readonly uncertaintyNanos: number;
}

/** Those that a container's profile may refuse, and whose refusal can be told from the kernel's own. */
export type SystemCall = "bpf" | "perf_event_open" | "pidfd_open" | "pidfd_getfd";

export interface Addon {
  readonly BpfObject: new (bytes: Uint8Array, name: string) => BpfObject;
  readonly RingReader: new (map: BpfMap) => RingReader;
  /**
   * Starts a child that waits. `file` is executed as it is, with this process's environment. `capabilities` are taken
   * out of what it would inherit. Throws a SystemError.
   */
  readonly ChildProcess: new (
    file: string,
    argv: readonly Uint8Array[],
    capabilities: readonly number[],
  ) => ChildProcess;
  /** Calls back when the process has ended. Doesn't keep this one alive. Throws a SystemError where it can't be watched. */
  readonly ProcessEnd: new (
    pid: number,
    callback: () => void,
  ) => ProcessEnd;
  /** While open, the kernel counts runs and run time of all BPF programs. Needs CAP_SYS_ADMIN. */
  readonly RunStats: new () => { close(): void };
  clocks(): Clocks;
  /**
   * Puts the TCP connections that a process has open, and did not accept itself, into the map `connections` under their
   * cookies, and each cookie into the storage `cookies`. `failed`: connections that the kernel did not take.
   */
  adoptConnections(
    pid: number,
    connections: BpfMap,
    cookies: BpfMap,
  ): { readonly cookies: readonly bigint[]; readonly failed: number };
  /**
   * Bytes from each struct's begin to its field in the running kernel, undefined where it has no such field. Throws a
   * SystemError when the kernel's type information can't be read.
   */
  kernelFieldOffsets(fields: readonly (readonly [struct: string, field: string])[]): (number | undefined)[];
  possibleCpus(): number;
  /** Every child that has ended since the last call, also orphans that were given to this process as PID 1. */
  reapChildren(): readonly EndedChild[];
  /** The try functions return 0, or the errno that the kernel gave. */
  tryCreateMap(type: number, keySize: number, valueSize: number, maxEntries: number): number;
  tryLoadProgram(instructions: Uint8Array): number;
  tryUprobeMulti(): number;
  /** A uprobe by a perf event. ENOENT: sysfs, which says how they are made, is not there. */
  tryUprobe(): number;
  /** What stands before the kernel, such as a seccomp filter, answers to a system call; 0: nothing does. */
  trySystemCall(name: SystemCall): number;
}

/** What the addon throws when a system call fails. */
export interface SystemError extends Error {
  readonly errno: number;
  /** What libbpf and the kernel's verifier said, at most 64 KiB; may be empty. */
  readonly log: string;
}

export function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && "errno" in error && "log" in error;
}

/** "EPERM" for 1. */
export function errnoName(errno: number): string {
  return getSystemErrorName(-errno);
}

let loaded: Addon | undefined;

/** The native addon. Throws a UserError when this package has none for this machine. */
export function addon(): Addon {
  loaded ??= load();
  return loaded;
}

function load(): Addon {
  const file = join(`prebuilds/linux-${process.arch}`, "otel-go-auto.node");
  const path = find(file);
  if (path === undefined) throw addonMissing(`${process.platform} ${process.arch}`, file);
  try {
    return createRequire(import.meta.url)(path) as Addon;
  } catch (error) {
    throw addonUnusable(path, error instanceof Error ? error.message : String(error));
  }
}

/** The package's root is two folders up from here in a checkout, one from the bundle. */
function find(file: string): string | undefined {
  const here = dirname(fileURLToPath(import.meta.url));
  return ["..", "../.."].map((up) => join(here, up, file)).find((path) => existsSync(path));
}
