import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { log } from "../report/log.ts";
import { unusableOffsets } from "../report/offsets.ts";
import { BadOffsets, maxOffsetsSize, type OffsetsTable, parseOffsets } from "./table.ts";

/** In the bundle this code is one folder below the package's root, in a checkout two. */
const here = dirname(fileURLToPath(import.meta.url));
const packaged = ["..", "../.."].map((folder) => join(here, folder, "offsets.json"));

/** The tables of offsets that there are, best first: read when they are asked for. A bad one is said and left out. */
export function loadOffsets(): readonly OffsetsTable[] {
  const path = packaged.find((each) => statSync(each, { throwIfNoEntry: false })?.isFile());
  const table = path === undefined ? undefined : load(path);
  return table ? [table] : [];
}

function load(path: string): OffsetsTable | undefined {
  try {
    if (statSync(path).size > maxOffsetsSize)
      throw new BadOffsets(`it is larger than ${maxOffsetsSize} bytes`);
    return parseOffsets(readFileSync(path, "utf8"));
  } catch (error) {
    log.warn(unusableOffsets(path, (error as Error).message));
    return undefined;
  }
}
