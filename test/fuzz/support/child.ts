// Runs the mutations of one target in a process of its own, so that one that hangs or blows up can be ended.
// Argument: JSON of an Assignment. Writes the index of each mutation into a file before it begins.
import { openSync, writeSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { targets } from "../targets/index.ts";
import type { Corpus } from "./corpus.ts";
import { pick, randomNumbers } from "./random.ts";
import type { Subject, Target } from "./target.ts";

export interface Assignment {
  readonly target: string;
  readonly seed: number;
  /** Index of the first mutation. */
  readonly from: number;
  readonly count: number;
  readonly corpus: Corpus;
  /** For files of its own; in memory, when the machine has such a place. */
  readonly directory: string;
  /** Where the index of the mutation at hand is written to, as 32 bits. */
  readonly progress: string;
}

export interface Outcome {
  readonly done: number;
  readonly refused: number;
  /** Of the slowest mutation, in milliseconds. */
  readonly slowest: number;
  readonly slowestIndex: number;
  /** Largest resident size, in bytes. */
  readonly resident: number;
  readonly seconds: number;
  /** What went wrong, and how; nothing else is tried then. */
  readonly fault?: string;
}

/** Milliseconds. Other processes may have held a slow one up: it is measured again. */
const suspicious = 200;

const assignment: Assignment = JSON.parse(process.argv[2] ?? "");
process.send?.(await run(assignment), () => process.exit());

async function run(wanted: Assignment): Promise<Outcome> {
  const { target: name, seed, from, count, corpus, directory, progress } = wanted;
  const target = targets.find((each) => each.name === name);
  if (!target) throw new Error(`no target ${name}`);
  const subjects = target.subjects(corpus, directory);
  const file = openSync(progress, "r+");
  const index = Buffer.alloc(4);
  const start = performance.now();
  const outcome = { done: 0, refused: 0, slowest: 0, slowestIndex: 0, resident: 0, seconds: 0 };
  let fault: string | undefined;
  for (let i = from; i < from + count && fault === undefined; i++) {
    // What a failed inflateSync holds is freed only when Node has other things to do.
    if (i % 256 === 0) await setImmediate();
    index.writeUInt32LE(i);
    writeSync(file, index, 0, 4, 0);
    const one = mutateOnce(target, subjects, seed, i);
    outcome.done++;
    if (one.refused) outcome.refused++;
    if (one.milliseconds > outcome.slowest)
      Object.assign(outcome, { slowest: one.milliseconds, slowestIndex: i });
    fault = one.fault;
  }
  const resident = process.resourceUsage().maxRSS * 1024;
  return {
    ...outcome,
    resident,
    seconds: (performance.now() - start) / 1000,
    ...(fault === undefined ? {} : { fault }),
  };
}

interface One {
  readonly milliseconds: number;
  readonly refused: boolean;
  readonly fault?: string;
}

function mutateOnce(target: Target, subjects: readonly Subject[], seed: number, index: number): One {
  const first = attempt(target, subjects, seed, index);
  if (first.milliseconds < suspicious) return first;
  const second = attempt(target, subjects, seed, index);
  return second.milliseconds < first.milliseconds ? second : first;
}

function attempt(target: Target, subjects: readonly Subject[], seed: number, index: number): One {
  const random = randomNumbers(seed, index);
  const subject = pick(subjects, random);
  const what = subject.mutate(random);
  const start = performance.now();
  const error = errorOf(() => subject.read(random));
  const milliseconds = performance.now() - start;
  subject.repair();
  const refused = error !== undefined && target.isRefusal(error);
  if (error === undefined || refused) return { milliseconds, refused };
  const stack = error instanceof Error ? error.stack : String(error);
  return { milliseconds, refused, fault: `mutation ${index} (${what}): ${stack}` };
}

function errorOf(read: () => void): unknown {
  try {
    read();
    return undefined;
  } catch (error) {
    return error ?? new Error("something undefined was thrown");
  }
}
