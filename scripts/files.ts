import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Paths of all files below `folder` whose path ends with `ending`, sorted; Node 20 has no globSync. */
export function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(ending))
    .map((path) => join(folder, path))
    .sort();
}
