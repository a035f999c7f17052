/** The command `--supported-versions`, out of the descriptors and of what is built. */
import { offsetsFile } from "./config/offsets.ts";
import { type Environment, readSome } from "./config/read.ts";
import { libraries } from "./generated/registry.ts";
import { builtArchitectures } from "./kernel/objects.ts";
import { loadOffsets } from "./offsets/store.ts";
import { newestVersions } from "./offsets/table.ts";
import { registersSince } from "./plan/version.ts";
import { oldestKernel } from "./report/kernel.ts";
import { print } from "./report/output.ts";
import { supportedVersions } from "./report/supported-versions.ts";

export async function printSupported(json: boolean, environment: Environment): Promise<void> {
  const said = readSome(["offsetsFile"], { flags: {}, environment });
  const newest = newestVersions(loadOffsets(offsetsFile(said.offsetsFile, environment)));
  const architectures = builtArchitectures().map((name) => ({
    name,
    goSince: Object.entries(registersSince).find(([architecture]) => architecture === name)?.[1],
  }));
  await print(supportedVersions({ libraries, architectures, kernel: oldestKernel, newest }, json));
}
