/** Fetches QEMU and the kernels a test wants; at once when they are there. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Kernel } from "./kernels.ts";

const script = fileURLToPath(new URL("../../scripts/setup-vm", import.meta.url));

/** `network`: guests of theirs may have one. */
export function setUp(kernels: readonly Kernel[], { network = false } = {}): void {
  const series = new Set(kernels.map((kernel) => kernel.series));
  execFileSync(script, [...(network ? ["--network"] : []), ...series], {
    stdio: ["ignore", "inherit", "inherit"],
  });
}
