import { readFileSync } from "node:fs";

/** Numbers of linux/capability.h. */
const numbers = {
  CAP_DAC_READ_SEARCH: 2,
  CAP_NET_ADMIN: 12,
  CAP_SYS_PTRACE: 19,
  CAP_SYS_ADMIN: 21,
  CAP_SYS_RESOURCE: 24,
  CAP_PERFMON: 38,
  CAP_BPF: 39,
} as const;

export type Capability = keyof typeof numbers;

/** Effective capabilities out of the text of a /proc/PID/status file, as far as they matter here. */
export function parseCapabilities(status: string): ReadonlySet<Capability> {
  const mask = BigInt(`0x${/^CapEff:\s*([0-9a-f]{1,16})$/m.exec(status)?.[1] ?? "0"}`);
  const names = Object.keys(numbers) as Capability[];
  return new Set(names.filter((name) => (mask >> BigInt(numbers[name])) & 1n));
}

export function heldCapabilities(): ReadonlySet<Capability> {
  return parseCapabilities(readFileSync("/proc/self/status", "utf8"));
}

/** What the kernel's BPF checks take CAP_SYS_ADMIN for as well; CAP_BPF and CAP_PERFMON were split off it in 5.8. */
const includedInSysAdmin: readonly Capability[] = ["CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN"];

/** Those of `wanted` that are held neither by their own name nor as a part of CAP_SYS_ADMIN. */
export function missingCapabilities(
  wanted: readonly Capability[],
  held: ReadonlySet<Capability>,
): readonly Capability[] {
  const included = (name: Capability) => includedInSysAdmin.includes(name) && held.has("CAP_SYS_ADMIN");
  return wanted.filter((name) => !held.has(name) && !included(name));
}
