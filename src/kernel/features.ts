import { release } from "node:os";
import { kernelTooOld, permissionMissing, permissionRefused } from "../report/kernel.ts";
import { addon, errnoName, isSystemError } from "./addon.ts";
import { type Capability, heldCapabilities, missingCapabilities } from "./capabilities.ts";
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
  const capabilities = heldCapabilities();
  requireProgram(capabilities);
  requireRingBuffer();
  return {
    release: release(),
    uprobeMulti: addon().tryUprobeMulti() === 0,
    mapsOnDemand: hasStocks(),
    privateStack: addon().tryLoadProgram(largeStackProgram) === 0,
    capabilities,
  };
}

function requireProgram(capabilities: ReadonlySet<Capability>): void {
  const errno = addon().tryLoadProgram(emptyProgram);
  if (errno === 0) return;
  const missing = missingCapabilities(needed, capabilities);
  if (missing.length > 0) throw permissionMissing("load a BPF program", missing);
  if (errnoName(errno) === "ENOSYS") throw kernelTooOld("the bpf system call", release());
  throw permissionRefused("load a BPF program", errnoName(errno));
}

function requireRingBuffer(): void {
  const errno = addon().tryCreateMap(ringBufferMap, 0, 0, 4096 * 16);
  if (errno === 0) return;
  if (errnoName(errno) === "EINVAL") throw kernelTooOld("the BPF ring buffer", release());
  throw permissionRefused("create a BPF ring buffer", errnoName(errno));
}

/** `struct bpf_htab` got its `ma`, a `struct bpf_mem_alloc`, in 6.1. Without the kernel's types it counts as older. */
function hasStocks(): boolean {
  try {
    return addon().kernelFieldOffsets([["bpf_htab", "ma"]])[0] !== undefined;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return false;
  }
}
