/** The command `--supported-versions`, out of the descriptors and of what is built. */
import compare from "semver/functions/compare.js";
import { offsetsFile } from "./config/offsets.ts";
import { type Environment, readSome } from "./config/read.ts";
import { libraries } from "./generated/registry.ts";
import { builtArchitectures } from "./kernel/objects.ts";
import { loadOffsets } from "./offsets/store.ts";
import { registersSince } from "./plan/version.ts";
import { oldestKernel } from "./report/kernel.ts";
import { print } from "./report/output.ts";
import { supportedVersions } from "./report/supported-versions.ts";

export async function printSupported(json: boolean, environment: Environment): Promise<void> {
  const said = readSome(["offsetsFile"], {}, environment);
  const newest = newestOf(offsetsFile(said.offsetsFile, environment));
  const architectures = builtArchitectures().map((name) => ({
    name,
    goSince: Object.entries(registersSince).find(([architecture]) => architecture === name)?.[1],
  }));
  await print(supportedVersions({ libraries, architectures, kernel: oldestKernel, newest }, json));
}

/** Newest version of each module in any of the tables. */
function newestOf(updatedFile: string): ReadonlyMap<string, string> {
  const newest = new Map<string, string>();
  for (const table of loadOffsets(updatedFile))
    for (const [module, version] of table.newest())
      if (compare(newest.get(module) ?? version, version) <= 0) newest.set(module, version);
  return newest;
}
