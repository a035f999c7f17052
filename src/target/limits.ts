import { tryRead } from "./proc.ts";

/** The soft limit out of /proc/self/limits (man 5 proc_pid_limits): a number, or "unlimited". */
export function softLimit(name: "Max open files" | "Max locked memory"): string | undefined {
  const text = tryRead("/proc/self/limits", 16_384)?.toString() ?? "";
  return new RegExp(`^${name}\\s+(\\S+)`, "m").exec(text)?.[1];
}
