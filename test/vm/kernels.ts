/**
 * The kernels a guest can boot, by name: a series that `scripts/setup-vm` knows (`5.10`, `7.2`,
 * `arm64-6.12`), and behind each `+` an argument for the kernel: `7.2+lockdown=integrity`.
 */
import { join } from "node:path";
import { cacheDirectory } from "../fixtures/go-binaries.ts";

export interface Kernel {
  readonly name: string;
  /** What `scripts/setup-vm` is to be called with. */
  readonly series: string;
  readonly arch: "amd64" | "arm64";
  readonly arguments: readonly string[];
}

/** Cache of QEMU, kernels and roots, filled by `scripts/setup-vm`. */
export const vmCache = join(cacheDirectory(), "vm");

export function parseKernel(name: string): Kernel {
  const [series = "", ...kernelArguments] = name.split("+");
  return { name, series, arch: series.startsWith("arm64-") ? "arm64" : "amd64", arguments: kernelArguments };
}

/** The kernels named by OTEL_GO_AUTO_VM_KERNELS (comma-separated), or the default ones. */
export function selectedKernels(defaults: string): readonly Kernel[] {
  return (process.env.OTEL_GO_AUTO_VM_KERNELS ?? defaults)
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "")
    .map(parseKernel);
}
