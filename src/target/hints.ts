import { listPids, readStatus, tryRead } from "./proc.ts";

/** Bits of include/uapi/linux/capability.h. */
const capabilityBits = { CAP_DAC_READ_SEARCH: 2n, CAP_SYS_PTRACE: 19n } as const;

/** Whether this process holds the capability (in its own user namespace). */
export function hasCapability(name: keyof typeof capabilityBits): boolean {
  const effective = BigInt(`0x${readStatus("self", "CapEff") ?? "0"}`);
  return ((effective >> capabilityBits[name]) & 1n) === 1n;
}

/** Processes which have this number inside a PID namespace of their own: what `ps` in their container shows. */
export function pidsWithInnerPid(inner: number): number[] {
  return listPids()
    .filter((pid) => {
      const numbers = readStatus(pid, "NSpid")?.split("\t") ?? [];
      return numbers.length > 1 && Number(numbers.at(-1)) === inner;
    })
    .slice(0, 5);
}

/** Whether /proc is mounted so that it hides other users' processes. */
export function hiddenProcesses(): boolean {
  const mounts = tryRead("/proc/self/mounts", 1 << 20)?.toString() ?? "";
  return /^\S+ \/proc proc \S*hidepid=(?!0|off)/m.test(mounts);
}
