import { existsSync } from "node:fs";
import compare from "semver/functions/compare.js";
import type { OffsetsSource } from "../config/config.ts";
import { type ModuleChange, notWritten, sourceFault, stillInUse, updateMessages } from "../report/offsets.ts";
import { UserError } from "../report/user-error.ts";
import { sha256 } from "./checksum.ts";
import { readBounded } from "./read-bounded.ts";
import { readSource, type SourceContent } from "./source.ts";
import { loadOffsets, packagedOffsets, tableAt } from "./store.ts";
import { swapFile } from "./swap.ts";
import { newestVersions, type OffsetsTable } from "./table.ts";

/** For each of a source's two files. */
const secondsToAnswer = 30;

export interface Update {
  readonly changed: boolean;
  /** What the user is told. */
  readonly message: string;
}

/**
 * Fetches what the source has and puts it in place of the file, unless it is the same or older.
 * @throws UserError, and the file stays as it is, when the source is unusable or the file can't be written; the
 * signal's reason when it is aborted
 */
export async function update(
  source: OffsetsSource,
  file: string,
  signal: AbortSignal,
  seconds: number = secondsToAnswer,
): Promise<Update> {
  const tables = loadOffsets(file);
  const fields = Math.max(0, ...tables.map(({ fieldCount }) => fieldCount));
  try {
    const found = await readSource(source, checksumInUse(file), signal, seconds);
    if (!found) return { changed: false, message: updateMessages.upToDate(fields) };
    const changes = changesBetween(tables, found.table);
    requireNewer(found, changes);
    write(file, found.content);
    const counts = [fields, found.table.fieldCount] as const;
    return { changed: true, message: updateMessages.updated(file, counts, changes) };
  } catch (error) {
    throw error instanceof UserError ? stillInUse(error, fields) : error;
  }
}

/** Of the updated file if there is one, else of the packaged one; undefined when that is unusable. */
function checksumInUse(file: string): string | undefined {
  const path = existsSync(file) ? file : packagedOffsets;
  return path !== undefined && tableAt(path) ? sha256(readBounded(path)) : undefined;
}

/** By module, Go's own first, from the newest version of any table in use to the new one's. */
function changesBetween(tables: readonly OffsetsTable[], found: OffsetsTable): ModuleChange[] {
  const before = newestVersions(tables);
  const after = found.newest();
  const modules = new Set([...before.keys(), ...after.keys()]);
  const own = modules.delete("std") ? ["std"] : [];
  return [...own, ...[...modules].sort()].map((module) => ({
    module,
    before: before.get(module),
    after: after.get(module),
  }));
}

/** A mirror that is no longer filled would take back what was known. */
function requireNewer({ name }: SourceContent, changes: readonly ModuleChange[]): void {
  const steps = changes.map((change) => ({ change, step: direction(change) }));
  const older = steps.filter(({ step }) => step < 0);
  if (older.length === 0 || steps.some(({ step }) => step > 0)) return;
  throw sourceFault.older(
    name,
    older.map(({ change }) => change),
  );
}

function direction({ before, after }: ModuleChange): number {
  if (before === undefined || after === undefined) return after === undefined ? -1 : 1;
  return compare(after, before);
}

function write(file: string, content: Uint8Array): void {
  try {
    swapFile(file, content);
  } catch (error) {
    throw notWritten(file, error as NodeJS.ErrnoException);
  }
}
