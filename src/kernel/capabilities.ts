import { readFileSync } from "node:fs";

/** Numbers of linux/capability.h. */
const numbers = {
  CAP_NET_ADMIN: 12,
  CAP_SYS_PTRACE: 19,
  CAP_SYS_ADMIN: 21,
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

/**
 * Those of `wanted` that are not held. CAP_SYS_ADMIN includes CAP_BPF and CAP_PERFMON, which were split off from it
 * in Linux 5.8, but not CAP_SYS_PTRACE.
 */
export function missingCapabilities(
  wanted: readonly Capability[],
  held: ReadonlySet<Capability>,
): readonly Capability[] {
  const included = (name: Capability) => name !== "CAP_SYS_PTRACE" && held.has("CAP_SYS_ADMIN");
  return wanted.filter((name) => !held.has(name) && !included(name));
}
