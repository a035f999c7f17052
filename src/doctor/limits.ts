/** Limits that this process runs under, and settings of the kernel that concern it. */
import { cgroup2Points, lockedMemoryLimit, memoryLimit } from "../kernel/index.ts";
import { type Check, ok, problem, warning } from "../report/doctor.ts";
import { limitWords as words } from "../report/doctor-words.ts";
import { ExitCode } from "../report/exit-code.ts";
import { heldCapabilities } from "../target/capabilities.ts";
import { softLimit } from "../target/limits.ts";
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

function files(): readonly Check[] {
  const limit = Number(softLimit("Max open files"));
  if (Number.isNaN(limit)) return [];
  const [id, title] = ["limits.files", "files"] as const;
  return [
    limit < enoughFiles ? warning(id, title, words.fewFiles(limit)) : ok(id, title, words.files(limit)),
  ];
}

/** From 5.11 on maps count as memory of the cgroup. Who holds CAP_SYS_RESOURCE raises the limit. */
function memoryLock(): readonly Check[] {
  const limit = softLimit("Max locked memory");
  if (limit === undefined) return [];
  const [id, title] = ["limits.memory_lock", "locked memory"] as const;
  const text = limit === "unlimited" ? limit : `${limit} bytes`;
  const counts = lockedMemoryLimit() !== undefined && !heldCapabilities().has("CAP_SYS_RESOURCE");
  return [
    counts
      ? problem(id, title, words.lowMemoryLock(text), ExitCode.noPermission)
      : ok(id, title, words.memoryLock(text)),
  ];
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
