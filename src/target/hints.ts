import { listPids, readStatus, tryRead } from "./proc.ts";

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
