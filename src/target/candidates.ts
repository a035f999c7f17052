import { ExitCode } from "../report/exit-code.ts";
import { log } from "../report/log.ts";
import { targetMessage } from "../report/target.ts";
import { UserError } from "../report/user-error.ts";
import { changeSince } from "./exit.ts";
import { openTarget } from "./open.ts";
import { maxTraced, sameFile, type Target } from "./target.ts";
import { hasExecuted } from "./tree.ts";

/** So many different remarks are remembered, to be made once. */
const maxSaid = 100;

/** Processes that show the executable's path and are not traced, and which of them are next. */
export class Candidates {
  readonly #path: string;
  readonly #forget: (pid: number) => void;
  #waiting: readonly Target[] = [];
  /** Device and inode of files that can't be traced. */
  readonly #refused = new Set<string>();
  readonly #said = new Set<string>();

  /** `forget` is told of those that have changed: they are to be given to `add` again when they show the path still. */
  constructor(path: string, forget: (pid: number) => void) {
    this.#path = path;
    this.#forget = forget;
  }

  /** @throws UserError (noPermission) for one that may not be looked at */
  add(pids: readonly number[]): void {
    const found = pids.flatMap(openIfAlive).map((target) => ({ ...target, exePath: this.#path }));
    this.#waiting = [...this.#waiting, ...found];
  }

  refuse(target: Target): void {
    this.#refused.add(fileOf(target));
  }

  /**
   * Besides those that are traced, all that run the same file as they do. Another file under this path (of another
   * container, or a newer one) has its turn when nothing is traced any more.
   */
  choose(traced: readonly Target[]): readonly Target[] {
    this.#forgetChanged();
    const possible = this.#waiting
      .filter((target) => !this.#refused.has(fileOf(target)) && hasExecuted(target.pid))
      .sort((a, b) => Number(a.startTime - b.startTime));
    const model = traced[0] ?? possible[0];
    if (model === undefined) return [];
    const same = possible.filter((target) => sameFile(target, model));
    const chosen = same.slice(0, Math.max(0, maxTraced - traced.length));
    this.#waiting = this.#waiting.filter((target) => !chosen.includes(target));
    if (same.length > chosen.length) this.#sayOnce(targetMessage.tooMany(maxTraced));
    for (const other of possible.filter((target) => !sameFile(target, model)))
      this.#sayOnce(targetMessage.otherFile(other.pid, this.#path, model.pid));
    return chosen;
  }

  #forgetChanged(): void {
    const changed = this.#waiting.filter((target) => changeSince(target) !== undefined);
    for (const { pid } of changed) this.#forget(pid);
    this.#waiting = this.#waiting.filter((target) => !changed.includes(target));
  }

  #sayOnce(text: string): void {
    if (!this.#said.has(text)) log.warn(text);
    if (this.#said.size >= maxSaid) this.#said.clear();
    this.#said.add(text);
  }
}

function fileOf({ device, inode }: Target): string {
  return `${device}:${inode}`;
}

/** A process may end between the scan and a closer look. */
function openIfAlive(pid: number): Target[] {
  try {
    return [openTarget(pid)];
  } catch (error) {
    if (error instanceof UserError && error.exitCode === ExitCode.noTarget) return [];
    throw error;
  }
}
