/** An offsets.json and its checksum, from wherever the user says, with bounds on size and time. */
import { statSync } from "node:fs";
import { join } from "node:path";
import type { OffsetsSource } from "../config/config.ts";
import { sourceFault, urlText } from "../report/offsets.ts";
import { printablePath } from "../report/printable.ts";
import { parseChecksum, sha256 } from "./checksum.ts";
import { download, type Limits } from "./download.ts";
import { readBounded } from "./read-bounded.ts";
import { BadOffsets, decodeOffsets, maxOffsetsSize, type OffsetsTable } from "./table.ts";

/** 64 hexadecimal digits and a name. Bytes. */
const maxChecksumSize = 4096;

/** The two files of a source are published one after the other, and may be read between. */
const attempts = 2;

export interface SourceContent {
  readonly content: Buffer;
  readonly table: OffsetsTable;
  /** What messages call the file. */
  readonly name: string;
}

/**
 * What the source has; undefined when that has the checksum `present`.
 * @throws UserError for everything that can be wrong with it, and the signal's reason when it is aborted
 */
export async function readSource(
  source: OffsetsSource,
  present: string | undefined,
  signal: AbortSignal,
  seconds: number,
): Promise<SourceContent | undefined> {
  const { name, read } = source.kind === "url" ? remote(source, { signal, seconds }) : local(source.path);
  for (let attempt = 1; ; attempt++) {
    const checksum = await using(`${name}.sha256`, async () =>
      parseChecksum((await read(".sha256", maxChecksumSize)).toString("latin1")),
    );
    if (checksum === present) return undefined;
    const content = await using(name, () => read("", maxOffsetsSize));
    if (sha256(content) === checksum)
      return { name, content, table: await using(name, async () => decodeOffsets(content)) };
    if (attempt === attempts) throw sourceFault.checksum(name);
  }
}

/** What is bad about a file is said with its name. */
async function using<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof BadOffsets ? sourceFault.unusable(file, error.message) : error;
  }
}

interface Place {
  readonly name: string;
  /** The content of the file with this ending behind the offsets' own name, of at most `limit` bytes. */
  read(ending: string, limit: number): Promise<Buffer>;
}

function remote({ url, authorization }: OffsetsSource & { kind: "url" }, limits: Limits): Place {
  const withEnding = (ending: string) => {
    const file = new URL(url);
    file.pathname += ending;
    return file;
  };
  return {
    name: urlText(new URL(url)),
    read: (ending, limit) => download(withEnding(ending), authorization, limit, limits),
  };
}

/** Links in the path are followed anew for each file: a mounted volume is swapped by one. */
function local(path: string): Place {
  const file = isFolder(path) ? join(path, "offsets.json") : path;
  return { name: printablePath(file), read: async (ending, limit) => readLocal(`${file}${ending}`, limit) };
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw sourceFault.unreadable(path, error as NodeJS.ErrnoException);
  }
}

function readLocal(path: string, limit: number): Buffer {
  try {
    return readBounded(path, limit);
  } catch (error) {
    if (error instanceof BadOffsets) throw error;
    throw sourceFault.unreadable(path, error as NodeJS.ErrnoException);
  }
}
