/** Fetches QEMU and the kernels a test wants; at once when they are there. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Kernel } from "./kernels.ts";

const script = fileURLToPath(new URL("../../scripts/setup-vm", import.meta.url));

export function setUp(kernels: readonly Kernel[]): void {
  const series = new Set(kernels.map((kernel) => kernel.series));
  execFileSync(script, [...series], { stdio: ["ignore", "inherit", "inherit"] });
}
