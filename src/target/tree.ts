/** Processes that descend from one, and what they run. */
import { readdirSync, statSync } from "node:fs";
import { hasEnded } from "./open.ts";
import { tryRead, tryStat } from "./proc.ts";

/** More processes than so many are not looked at; children of a thread beyond 64 KB of text (10,000) neither. */
const maxProcesses = 1024;
const maxText = 65_536;

/** Which file a process runs, and since when: it is another one after an exec. */
interface Seen {
  readonly startTime: bigint;
  file: string | undefined;
}

/** The descendants of a process, which itself is none of them. Orphans are kept as long as they live. */
export class ProcessTree {
  readonly #root: number;
  readonly #seen = new Map<number, Seen>();

  constructor(root: number) {
    this.#root = root;
  }

  /** Processes that run another file than when this was called last; new ones come before their children. */
  changed(): number[] {
    this.#update();
    return [...this.#seen].flatMap(([pid, seen]) => {
      const file = fileOf(pid);
      if (file === undefined || file === seen.file || !hasExecuted(pid)) return [];
      seen.file = file;
      return [pid];
    });
  }

  #update(): void {
    for (const [pid, { startTime }] of this.#seen) {
      const stat = tryStat(pid);
      if (stat === undefined || stat.startTime !== startTime || hasEnded(stat)) this.#seen.delete(pid);
    }
    const parents = [this.#root, ...this.#seen.keys()];
    for (let parent = parents.shift(); parent !== undefined; parent = parents.shift())
      for (const child of childrenOf(parent)) {
        const stat = this.#seen.has(child) || this.#seen.size >= maxProcesses ? undefined : tryStat(child);
        if (stat === undefined || hasEnded(stat)) continue;
        this.#seen.set(child, { startTime: stat.startTime, file: undefined });
        parents.push(child);
      }
  }
}

/** A kernel without CONFIG_PROC_CHILDREN names none. */
function childrenOf(pid: number): number[] {
  return threadsOf(pid).flatMap((thread) => {
    const text = tryRead(`/proc/${pid}/task/${thread}/children`, maxText)?.toString("latin1") ?? "";
    return text.split(" ").filter(Boolean).map(Number);
  });
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function fileOf(pid: number): string | undefined {
  try {
    const { dev, ino } = statSync(`/proc/${pid}/exe`, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

/**
 * Whether a process runs something of its own. Between fork and exec it still shows its parent's file, and has its
 * parent's stack: it is not worth a look yet.
 */
export function hasExecuted(pid: number): boolean {
  const stat = tryStat(pid);
  const parent = stat && tryStat(stat.parent);
  return !(stat && parent && stat.startStack !== "0" && stat.startStack === parent.startStack);
}

/** Children of a process, and theirs, as far as they can be seen. */
export function descendantsOf(pid: number): number[] {
  return new ProcessTree(pid).changed();
}
