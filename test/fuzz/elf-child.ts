// Runs mutations in a process of its own, so that one that hangs can be ended. Arguments: path, seed, count.
import { statSync } from "node:fs";
import { openGoBinary } from "../../src/binary/index.ts";
import type { GoBinary } from "../../src/binary/types.ts";
import { UserError } from "../../src/report/user-error.ts";
import { Mutator, randomNumbers } from "./mutations.ts";
import { regionsOf } from "./regions.ts";

export interface Progress {
  readonly done: number;
  readonly refused: number;
  /** Milliseconds of the slowest mutation so far, and what it was. */
  readonly slowest: number;
  readonly what: string;
  /** Largest resident size in bytes. */
  readonly rss: number;
}

const [path = "", seed = "1", count = "1"] = process.argv.slice(2);
const random = randomNumbers(Number(seed));
const mutator = new Mutator(path, statSync(path).size, regionsOf(path), random);
const progress = { done: 0, refused: 0, slowest: 0, what: "", rss: 0 };
for (let i = 0; i < Number(count); i++) {
  const mutation = mutator.mutate();
  const start = performance.now();
  try {
    useEverything(path);
  } catch (error) {
    if (!(error instanceof UserError))
      throw new Error(`seed ${seed}, mutation ${i}: ${mutation}`, { cause: error });
    progress.refused++;
  }
  const elapsed = performance.now() - start;
  mutator.repair();
  progress.done++;
  progress.rss = Math.max(progress.rss, process.memoryUsage.rss());
  if (elapsed > progress.slowest) Object.assign(progress, { slowest: elapsed, what: mutation });
  if (i % 50 === 0) process.send?.(progress);
}
process.send?.(progress);
mutator.close();

function useEverything(path: string): void {
  const binary = openGoBinary(path);
  try {
    types(binary);
    functions(binary);
    for (const itab of binary.itabs()) `${itab.interfaceName} ${itab.concreteName}`;
    binary.symbols("runtime.main");
    if (random(20) === 0) binary.debug?.struct("net/http.Request");
  } finally {
    binary.close();
  }
}

function types({ types, itabs, segments }: GoBinary): void {
  for (const name of ["net/http.Request", "runtime.g", "net/http.Absent"]) types.struct(name);
  types.map("net/http.Header");
  const [segment] = segments;
  for (let i = 0; i < 20; i++) types.nameAt((segment?.address ?? 0) + random(8_000_000));
  types.nameAt(itabs()[0]?.address ?? 0);
}

function functions(binary: GoBinary): void {
  const { functions } = binary;
  const found = functions.findAll(new Set(["net/http.(*conn).serve", "main.main"]));
  for (const fn of [...found.values()].flat()) {
    binary.code(fn);
    functions.at(fn.address + 1);
    binary.fileOffset(fn.address);
  }
  let listed = 0;
  for (const fn of functions.all()) if (++listed > 200 || fn.end < fn.address) break;
}
