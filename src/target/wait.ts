import { isAbsolute, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { log } from "../report/log.ts";
import { targetMessage } from "../report/target.ts";
import { Candidates } from "./candidates.ts";
import { nextSecond } from "./every-second.ts";
import { refuseWhatNoProcessRuns } from "./file.ts";
import { nearMisses } from "./near.ts";
import { ProcessScan } from "./scan.ts";
import type { Target } from "./target.ts";

/**
 * In milliseconds. While nothing is traced, a new process is seen after `poll`, an exec after `poll * roundsForExec`
 * at the latest; while something is, both after a second. Where executions are counted, nobody looks when there
 * were none, but for once in `everything`.
 */
export const waitTimes = {
  poll: 250,
  roundsForExec: 3,
  everything: 30_000,
  report: 60_000,
};

/** Finds the processes that run one executable, which is given by its path as they see it. */
export class ExecutableWatch {
  readonly #path: string;
  readonly #scan: ProcessScan;
  readonly #candidates: Candidates;
  readonly #times: typeof waitTimes;
  /** How many programs were executed so far; undefined where nobody counts them. */
  readonly #executions: () => bigint | undefined;
  #executionsSeen: bigint | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** What is to be said at the beginning of the first wait. */
  #atFirst: readonly string[];
  #saidWaiting = false;
  #nextReport = 0;

  /** @throws UserError (usage) for what can never run */
  constructor(executable: string, times = waitTimes, executions: () => bigint | undefined = () => undefined) {
    this.#path = resolve(executable);
    this.#times = times;
    this.#executions = executions;
    this.#atFirst = [
      ...(isAbsolute(executable) ? [] : [targetMessage.relative(executable)]),
      ...(refuseWhatNoProcessRuns(this.#path) ? [] : [targetMessage.notHere(this.#path)]),
    ];
    this.#scan = new ProcessScan(this.#path);
    this.#candidates = new Candidates(this.#path, (pid) => this.#scan.forget(pid));
  }

  /**
   * The next processes to trace, besides those that are traced now: of what runs the executable the oldest, and all
   * others that run the very same file. While there are none, says what was seen instead, at first and once a minute.
   * @throws UserError (noPermission) for one that may not be looked at; the signal's reason when it is aborted
   */
  async next(traced: () => readonly Target[], signal: AbortSignal): Promise<readonly Target[]> {
    for (let round = 0; ; round++) {
      signal.throwIfAborted();
      const beside = traced();
      const alone = beside.length === 0;
      this.#look(alone, round);
      const chosen = this.#candidates.choose(beside);
      if (chosen.length > 0) return chosen;
      if (alone) this.#sayWaiting();
      else this.#saidWaiting = false;
      await (alone ? sleep(this.#times.poll, undefined, { signal }) : nextSecond(signal));
    }
  }

  /** 440 processes are a look of 2.8 ms, most of it the kernel's. */
  #look(alone: boolean, round: number): void {
    const executions = this.#executions();
    const isCounted = executions !== undefined;
    const isDue = performance.now() >= this.#lookedAt + this.#times.everything;
    if (isCounted && executions === this.#executionsSeen && !isDue) return;
    this.#executionsSeen = executions;
    this.#lookedAt = performance.now();
    this.#candidates.add(this.#scan.find(isCounted || !alone || round % this.#times.roundsForExec === 0));
  }

  #sayWaiting(): void {
    if (this.#saidWaiting && Date.now() < this.#nextReport) return;
    const near = nearMisses(this.#path, this.#scan.seen);
    if (this.#saidWaiting) log.info(targetMessage.stillWaiting(this.#path, this.#scan.seen.size, near));
    else {
      log.info(targetMessage.waiting(this.#path));
      for (const text of this.#atFirst) log.warn(text);
      for (const hint of near) log.info(hint);
    }
    this.#atFirst = [];
    this.#saidWaiting = true;
    this.#nextReport = Date.now() + this.#times.report;
  }

  /** Its file can't be traced: no other process of it is given any more. */
  refuse(target: Target): void {
    this.#candidates.refuse(target);
    this.#saidWaiting = false;
  }

  /** It has ended or changed: whoever is seen under its pid from now on is a new one. */
  forget({ pid }: Target): void {
    this.#scan.forget(pid);
  }
}

/** The first process that runs the executable; for those who want no more. */
export async function waitForExecutable(
  executable: string,
  signal: AbortSignal,
  times = waitTimes,
): Promise<Target> {
  const [target] = await new ExecutableWatch(executable, times).next(() => [], signal);
  if (target === undefined) throw new Error("no process was chosen");
  return target;
}
