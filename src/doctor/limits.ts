/** Limits that this process runs under, and settings of the kernel that concern it. */
import { release } from "node:os";
import { cgroup2Points, heldCapabilities, memoryLimit } from "../kernel/index.ts";
import { type Check, ok, problem, warning } from "../report/doctor.ts";
import { limitWords as words } from "../report/doctor-words.ts";
import { ExitCode } from "../report/exit-code.ts";
import { tryRead } from "../target/proc.ts";

/** Open files: less than a large program's probes, each an open file without uprobe_multi. */
const enoughFiles = 1024;

/** Bytes that the agent is made for. */
const enoughMemory = 128 << 20;

export function lookAtLimits(): readonly Check[] {
  return [
    ...files(),
    ...memoryLock(),
    memory(),
    ...setting("limits.perf_event_paranoid", "perf events", "perf_event_paranoid", words.perfEvents),
    ...setting(
      "limits.unprivileged_bpf",
      "unprivileged BPF",
      "unprivileged_bpf_disabled",
      words.unprivilegedBpf,
    ),
    ...ptrace(),
    cgroup2(),
  ];
}

/** The soft limit out of /proc/self/limits (man 5 proc_pid_limits): a number, or "unlimited". */
function softLimit(name: string): string | undefined {
  const text = tryRead("/proc/self/limits", 16_384)?.toString() ?? "";
  return new RegExp(`^${name}\\s+(\\S+)`, "m").exec(text)?.[1];
}

function files(): readonly Check[] {
  const limit = Number(softLimit("Max open files"));
  if (Number.isNaN(limit)) return [];
  const [id, title] = ["limits.files", "files"] as const;
  return [
    limit < enoughFiles ? warning(id, title, words.fewFiles(limit)) : ok(id, title, words.files(limit)),
  ];
}

/** From 5.11 on maps count as memory of the cgroup. */
function memoryLock(): readonly Check[] {
  const limit = softLimit("Max locked memory");
  if (limit === undefined) return [];
  const [id, title] = ["limits.memory_lock", "locked memory"] as const;
  const text = limit === "unlimited" ? limit : `${limit} bytes`;
  const counts =
    isBefore(release(), 5, 11) && limit !== "unlimited" && !heldCapabilities().has("CAP_SYS_RESOURCE");
  return [
    counts
      ? problem(id, title, words.lowMemoryLock(text), ExitCode.noPermission)
      : ok(id, title, words.memoryLock(text)),
  ];
}

function isBefore(text: string, major: number, minor: number): boolean {
  const [ownMajor = 0, ownMinor = 0] = text.split(".").map((part) => Number.parseInt(part, 10));
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}

function memory(): Check {
  const [id, title] = ["limits.memory", "memory"] as const;
  const limit = memoryLimit();
  return limit !== undefined && limit < enoughMemory
    ? warning(id, title, words.lowMemory(limit))
    : ok(id, title, words.memory(limit));
}

function setting(id: string, title: string, name: string, say: (value: string) => string): readonly Check[] {
  const value = tryRead(`/proc/sys/kernel/${name}`, 64)?.toString().trim();
  return value ? [ok(id, title, say(value))] : [];
}

function ptrace(): readonly Check[] {
  const [id, title] = ["limits.ptrace_scope", "ptrace"] as const;
  const scope = tryRead("/proc/sys/kernel/yama/ptrace_scope", 64)?.toString().trim();
  if (!scope) return [];
  return [scope === "3" ? warning(id, title, words.ptraceOff) : ok(id, title, words.ptrace(scope))];
}

function cgroup2(): Check {
  const [id, title] = ["limits.cgroup2", "cgroup2"] as const;
  const points = cgroup2Points(tryRead("/proc/self/mountinfo", 8 << 20)?.toString() ?? "");
  return points.length > 0 ? ok(id, title, words.cgroup2(points)) : warning(id, title, words.noCgroup2);
}
