import type { Capability } from "./capabilities.ts";

/** Most processes that are traced at a time: each has probes, maps and a ring of its own. */
export const maxTraced = 16;

/** One process to instrument, as it was when it was looked at. */
export interface Target {
  readonly pid: number;
  /** Path of the executable inside the target's own file system, without " (deleted)". */
  readonly exePath: string;
  /** "/proc/PID/exe": opens the file that really runs, also when its path is gone, replaced or in a container. */
  readonly exeLink: string;
  /** Of the executable, as stat gives them. */
  readonly device: bigint;
  readonly inode: bigint;
  /** Clock ticks from boot to the process's start: tells it from a later process with the same pid. */
  readonly startTime: bigint;
  /** Address where its stack began: tells it from itself after an exec of the same file. "0" when it may not be read. */
  readonly startStack: string;
  /** The environment that the process started with; empty when it may not be read. */
  readonly environment: ReadonlyMap<string, string>;
  /** When it may not be read: the capabilities that are missing for it; none when something else is in the way. */
  readonly environmentClosed?: readonly Capability[];
  /** Text of /proc/PID/cgroup; empty when it may not be read. */
  readonly cgroup: string;
  /** The kernel's short name of it, at most 15 bytes. */
  readonly command: string;
}

/** Whether both run the very same file, whatever its paths are. */
export function sameFile(a: Target, b: Target): boolean {
  return a.device === b.device && a.inode === b.inode;
}
