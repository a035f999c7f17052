import { type BigIntStats, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { log } from "../report/log.ts";
import { unusableOffsets } from "../report/offsets.ts";
import { readBounded } from "./read-bounded.ts";
import { BadOffsets, decodeOffsets, type OffsetsTable } from "./table.ts";

/** In the bundle this code is one folder below the package's root, in a checkout two. */
const here = dirname(fileURLToPath(import.meta.url));

/** The offsets.json that this agent came with. */
export const packagedOffsets = ["..", "../.."]
  .map((folder) => join(here, folder, "offsets.json"))
  .find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());

/**
 * The tables of offsets that there are, best first: the updated file's, if there is one, and the packaged one's.
 * Each file is looked at when it is asked for, and read again only if it has changed. A bad one is said once and left
 * out.
 */
export function loadOffsets(updatedFile: string): readonly OffsetsTable[] {
  return [updatedFile, packagedOffsets].flatMap((path) => (path === undefined ? [] : (tableAt(path) ?? [])));
}

interface Seen {
  readonly state: string;
  /** Undefined for a bad file. */
  readonly table: OffsetsTable | undefined;
}

const seen = new Map<string, Seen>();

/** Undefined when there is no such file, or no usable one. */
export function tableAt(path: string): OffsetsTable | undefined {
  const state = stateOf(path);
  const known = seen.get(path);
  if (known?.state === state) return known.table;
  const table = state === "" ? undefined : read(path);
  seen.set(path, { state, table });
  return table;
}

/** Changes whenever the content, the permissions or the file itself do; empty when there is none. */
function stateOf(path: string): string {
  try {
    const { dev, ino, size, ctimeNs }: BigIntStats = statSync(path, { bigint: true });
    return [dev, ino, size, ctimeNs].join();
  } catch (error) {
    return missing(error) ? "" : String(error);
  }
}

function missing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR";
}

function read(path: string): OffsetsTable | undefined {
  try {
    // Wrong offsets make spans tell what stands elsewhere in the target's memory. Owner and group say little: volumes map them.
    if (statSync(path).mode & 0o002) throw new BadOffsets("everybody may write to it");
    return decodeOffsets(readBounded(path));
  } catch (error) {
    log.warn(unusableOffsets(path, (error as Error).message));
    return undefined;
  }
}
