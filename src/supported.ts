/** The command `--supported-versions`, out of the descriptors and of what is built. */
import { libraries } from "./generated/registry.ts";
import { builtArchitectures } from "./kernel/objects.ts";
import { loadOffsets } from "./offsets/store.ts";
import { oldestKernel } from "./report/kernel.ts";
import { print } from "./report/output.ts";
import { supportedVersions } from "./report/supported-versions.ts";

export function printSupported(json: boolean): Promise<void> {
  const newest = loadOffsets()[0]?.newest() ?? new Map();
  const architectures = builtArchitectures();
  return print(supportedVersions({ libraries, architectures, kernel: oldestKernel, newest }, json));
}
