// man 7 capabilities

import { readStatus } from "./proc.ts";

/** Numbers of linux/capability.h. */
const numbers = {
  CAP_DAC_OVERRIDE: 1,
  CAP_DAC_READ_SEARCH: 2,
  CAP_NET_ADMIN: 12,
  CAP_SYS_PTRACE: 19,
  CAP_SYS_ADMIN: 21,
  CAP_SYS_RESOURCE: 24,
  CAP_PERFMON: 38,
  CAP_BPF: 39,
} as const;

/** All that the agent may have been given for itself, by their numbers: an application that it starts gets none. */
export const agentCapabilities: readonly number[] = Object.values(numbers);

export type Capability = keyof typeof numbers;

/** Out of the hexadecimal mask of /proc/PID/status, as far as they matter here. */
export function parseCapabilities(mask: string): ReadonlySet<Capability> {
  const bits = /^[0-9a-f]{1,16}$/.test(mask) ? BigInt(`0x${mask}`) : 0n;
  const names = Object.keys(numbers) as Capability[];
  return new Set(names.filter((name) => (bits >> BigInt(numbers[name])) & 1n));
}

/** The effective ones of this process, in its own user namespace. */
export function heldCapabilities(): ReadonlySet<Capability> {
  return parseCapabilities(readStatus("self", "CapEff") ?? "");
}

/**
 * What the kernel takes a larger one for as well. CAP_BPF and CAP_PERFMON were split off CAP_SYS_ADMIN in 5.8; for
 * CAP_NET_ADMIN in BPF's checks it counts on recent kernels only: on 5.10 maps of sockets want the smaller one itself.
 */
const larger: Partial<Record<Capability, Capability>> = {
  CAP_BPF: "CAP_SYS_ADMIN",
  CAP_PERFMON: "CAP_SYS_ADMIN",
  CAP_NET_ADMIN: "CAP_SYS_ADMIN",
  CAP_DAC_READ_SEARCH: "CAP_DAC_OVERRIDE",
};

/** The capability that is held in place of this one, itself or a larger one; undefined: it is missing. */
export function heldFor(name: Capability, held: ReadonlySet<Capability>): Capability | undefined {
  return [name, larger[name]].find((each) => each !== undefined && held.has(each));
}

/** Those of `wanted` that are held neither by their own name nor as a part of a larger one. */
export function missingCapabilities(
  wanted: readonly Capability[],
  held: ReadonlySet<Capability>,
): readonly Capability[] {
  return wanted.filter((name) => heldFor(name, held) === undefined);
}
