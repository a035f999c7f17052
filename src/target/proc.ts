// man 5 proc, proc_pid_stat, proc_pid_status. All of it is written by processes that nobody vouches for: every
// read has a bound.

import { closeSync, openSync, readdirSync, readSync } from "node:fs";

/** The first `limit` bytes of a file in /proc, whose size is not known before it is read. */
export function readBounded(path: string, limit: number): Buffer {
  const file = openSync(path, "r");
  try {
    const chunks: Buffer[] = [];
    let rest = limit;
    while (rest > 0) {
      const chunk = Buffer.allocUnsafe(Math.min(rest, 65_536));
      const length = readSync(file, chunk, 0, chunk.length, null);
      if (length === 0) break;
      chunks.push(chunk.subarray(0, length));
      rest -= length;
    }
    return Buffer.concat(chunks);
  } finally {
    closeSync(file);
  }
}

/** The same, but undefined where it cannot be read. */
export function tryRead(path: string, limit: number): Buffer | undefined {
  try {
    return readBounded(path, limit);
  } catch {
    return undefined;
  }
}

export interface ProcessStat {
  readonly command: string;
  /** One letter: Z is a zombie, X dead, T stopped. */
  readonly state: string;
  readonly parent: number;
  readonly kernelThread: boolean;
  /** In clock ticks after boot. */
  readonly startTime: bigint;
  /** Address where its stack began, another one after each exec (where addresses are random); "0" when closed to us. */
  readonly startStack: string;
}

/** PF_KTHREAD of include/linux/sched.h. */
const kernelThreadFlag = 0x0020_0000;

/** @throws the file system's error when there is no such process */
export function readStat(pid: number): ProcessStat {
  return parseStat(readBounded(`/proc/${pid}/stat`, 4096).toString("latin1"));
}

/** The same from the text of /proc/PID/stat. */
export function parseStat(text: string): ProcessStat {
  // The command stands in parentheses and may itself hold spaces and parentheses.
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  const fields = text.slice(close + 2).split(" ");
  // fields[0] is the third field of the manual page.
  return {
    command: text.slice(open + 1, close),
    state: fields[3 - 3] ?? "",
    parent: Number(fields[4 - 3]),
    kernelThread: (Number(fields[9 - 3]) & kernelThreadFlag) !== 0,
    startTime: BigInt(fields[22 - 3] ?? 0),
    startStack: fields[28 - 3] ?? "0",
  };
}

/** The same, but undefined where there is no such process. */
export function tryStat(pid: number): ProcessStat | undefined {
  try {
    return readStat(pid);
  } catch {
    return undefined;
  }
}

/** A line of /proc/PID/status, for example "Tgid" or "CapEff". */
export function readStatus(pid: number | "self", name: string): string | undefined {
  const text = tryRead(`/proc/${pid}/status`, 16_384)?.toString("latin1") ?? "";
  return new RegExp(`^${name}:\\s*(.*)$`, "m").exec(text)?.[1];
}

/** All processes of this /proc, lowest pid first. */
export function listPids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Code of a file system error such as "ENOENT". */
export function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}
