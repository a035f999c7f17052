import { copyFileSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Corpus } from "./corpus.ts";
import { Mutator, type Region, type Storage } from "./mutator.ts";
import type { Random } from "./random.ts";

/** Something that is broken and read again and again. */
export interface Subject {
  /** Breaks it; returns what it did, in words. */
  mutate(random: Random): string;
  /** Reads it as the product does. What it throws must be a refusal of its target. */
  read(random: Random): void;
  repair(): void;
}

/** One format that is read from somewhere nobody vouches for. */
export interface Target {
  readonly name: string;
  /** Whether an error is the reader's word that the input is bad, and no fault. */
  isRefusal(error: unknown): boolean;
  /** `directory` is for files of its own. */
  subjects(corpus: Corpus, directory: string): readonly Subject[];
}

/** A copy of a file whose regions are broken on the disk. */
export function fileSubject(
  original: string,
  directory: string,
  regions: readonly Region[],
  read: (path: string, random: Random) => void,
): Subject {
  const path = join(directory, `${copies++}`);
  copyFileSync(original, path);
  const file = openSync(path, "r+");
  const storage: Storage = {
    write: (offset, bytes) => void writeSync(file, bytes, 0, bytes.length, offset),
    resize: (size) => ftruncateSync(file, size),
  };
  const mutator = new Mutator(readFileSync(path), storage, regions);
  return {
    mutate: (random) => mutator.mutate(random),
    read: (random) => read(path, random),
    repair: () => mutator.repair(),
  };
}
let copies = 0;

/** The same for bytes in memory. `regions` are all of them when left out. */
export function bufferSubject(
  original: Buffer,
  read: (bytes: Buffer, random: Random) => void,
  regions: readonly Region[] = [{ name: "bytes", offset: 0, size: original.length }],
): Subject {
  const copy = Buffer.from(original);
  let size = copy.length;
  const storage: Storage = {
    write: (offset, bytes) => void bytes.copy(copy, offset),
    resize: (wanted) => {
      size = wanted;
    },
  };
  const mutator = new Mutator(Buffer.from(original), storage, regions);
  return {
    mutate: (random) => mutator.mutate(random),
    read: (random) => read(copy.subarray(0, size), random),
    repair: () => mutator.repair(),
  };
}
