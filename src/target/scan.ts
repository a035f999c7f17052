import { readlinkSync, statSync } from "node:fs";
import { basename } from "node:path";
import { withoutDeleted } from "./open.ts";
import { errorCode, listPids, tryStat } from "./proc.ts";

/** What was last seen at /proc/PID/exe. */
export type SeenLink = { readonly path: string } | "denied" | "none" | "kernel thread";

/**
 * Looks for processes that run one executable. Each `find` costs one directory listing and one readlink per new
 * process; only `everything` reads the links of known ones again, to see those that called exec.
 */
export class ProcessScan {
  readonly path: string;
  readonly seen = new Map<number, SeenLink>();

  constructor(path: string) {
    this.path = path;
  }

  /** Pids that began to run the executable since they were last looked at. */
  find(everything: boolean): number[] {
    const pids = listPids().filter((pid) => pid !== process.pid);
    this.#forgetEnded(pids);
    return pids.filter((pid) => (everything || !this.seen.has(pid)) && this.#isNewMatch(pid));
  }

  /** The process is over, or runs another file: when it is seen again it is a new one. */
  forget(pid: number): void {
    this.seen.delete(pid);
  }

  #forgetEnded(pids: readonly number[]): void {
    const alive = new Set(pids);
    for (const pid of this.seen.keys()) if (!alive.has(pid)) this.seen.delete(pid);
  }

  #isNewMatch(pid: number): boolean {
    const before = this.seen.get(pid);
    if (before === "kernel thread") return false;
    const now = linkOf(pid);
    this.seen.set(pid, now);
    if (now === "denied") return before !== "denied" && this.#hasItsName(pid);
    if (typeof now === "string" || (typeof before === "object" && before.path === now.path)) return false;
    return now.path === this.path || this.#isSameFile(pid);
  }

  /** Its executable is closed to us, but not its short name: who opens it will say which capability is missing. */
  #hasItsName(pid: number): boolean {
    // TASK_COMM_LEN is 16 with the closing zero.
    return tryStat(pid)?.command === basename(this.path).slice(0, 15);
  }

  /** The link's text is not the path that the target sees when the file is bind-mounted or behind a symbolic link. */
  #isSameFile(pid: number): boolean {
    try {
      const wanted = statSync(`/proc/${pid}/root${this.path}`, { bigint: true });
      const running = statSync(`/proc/${pid}/exe`, { bigint: true });
      return wanted.ino === running.ino && wanted.dev === running.dev;
    } catch {
      return false;
    }
  }
}

function linkOf(pid: number): SeenLink {
  try {
    return { path: withoutDeleted(readlinkSync(`/proc/${pid}/exe`)) };
  } catch (error) {
    if (errorCode(error) === "EACCES" || errorCode(error) === "EPERM") return "denied";
    return tryStat(pid)?.kernelThread ? "kernel thread" : "none";
  }
}
