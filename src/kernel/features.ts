import { release } from "node:os";
import { kernelTooOld, perfProbesRefused, ringBufferRefused } from "../report/kernel.ts";
import { type Capability, heldCapabilities } from "../target/capabilities.ts";
import { tryRead } from "../target/proc.ts";
import { addon, errnoName } from "./addon.ts";
import { kernelHasField } from "./kernel-fields.ts";
import { permissionError } from "./refusal.ts";
import { emptyProgram, largeStackProgram } from "./trial-programs.ts";

/** What this kernel can do, found out by trying, because distributions move features between versions. */
export interface KernelFeatures {
  /** For messages only: "6.1.0-30-amd64". */
  readonly release: string;
  /** uprobe_multi links whose pid filter means the whole process (6.10, or the fix taken back into an older one). */
  readonly uprobeMulti: boolean;
  /**
   * BPF frames lie on a stack per CPU, which another thread may overwrite when it preempts a uprobe's program: the
   * programs must then switch preemption off (bpf_preempt_disable).
   */
  readonly privateStack: boolean;
  /**
   * Entries of hash maps are allocated when they are used, from stocks that may be drawn on anywhere (6.1 on). Else
   * each map takes its whole size from the start: 20 MB for what is in flight in one library.
   */
  readonly mapsOnDemand: boolean;
  readonly capabilities: ReadonlySet<Capability>;
}

/** Everything that the agent needs of us before it can look at any process. */
const needed: readonly Capability[] = ["CAP_BPF", "CAP_PERFMON"];
const ringBufferMap = 27; // BPF_MAP_TYPE_RINGBUF

/** Throws a UserError that names the missing capability, or the kernel that would do. */
export function probeKernel(): KernelFeatures {
  requireProgram();
  requireRingBuffer();
  const uprobeMulti = addon().tryUprobeMulti() === 0;
  if (!uprobeMulti) requirePerfProbes();
  return {
    release: release(),
    uprobeMulti,
    mapsOnDemand: hasStocks(),
    privateStack: addon().tryLoadProgram(largeStackProgram) === 0,
    capabilities: heldCapabilities(),
  };
}

function requireProgram(): void {
  const code = errnoOf(addon().tryLoadProgram(emptyProgram));
  if (code === undefined) return;
  const error = permissionError(code, { doing: "load a BPF program", call: "bpf", wanted: needed });
  throw error ?? kernelTooOld("the bpf system call", release());
}

function requireRingBuffer(): void {
  const code = errnoOf(addon().tryCreateMap(ringBufferMap, 0, 0, 4096 * 16));
  if (code === undefined) return;
  const error = permissionError(code, { doing: "create a BPF ring buffer", call: "bpf", wanted: needed });
  throw (
    error ?? (code === "EINVAL" ? kernelTooOld("the BPF ring buffer", release()) : ringBufferRefused(code))
  );
}

/** Where sysfs is missing it can't be tried; attaching will tell. */
function requirePerfProbes(): void {
  const code = errnoOf(addon().tryUprobe());
  if (code === undefined || code === "ENOENT") return;
  if (code === "EACCES" && !heldCapabilities().has("CAP_SYS_ADMIN"))
    throw perfProbesRefused(release(), perfEventParanoid());
  const error = permissionError(code, { doing: "attach a probe", call: "perf_event_open", wanted: needed });
  if (error) throw error;
}

function perfEventParanoid(): number {
  return Number(tryRead("/proc/sys/kernel/perf_event_paranoid", 64)?.toString() ?? 0);
}

/** "EPERM"; undefined when it worked. */
function errnoOf(errno: number): string | undefined {
  return errno === 0 ? undefined : errnoName(errno);
}

/** `struct bpf_htab` got its `ma`, a `struct bpf_mem_alloc`, in 6.1. Without the kernel's types it counts as older. */
function hasStocks(): boolean {
  return kernelHasField(["bpf_htab", "ma"]) === true;
}
