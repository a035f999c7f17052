export {
  type Addon,
  addon,
  type BpfMap,
  type ChildProcess,
  type Clocks,
  errnoName,
  isSystemError,
  type RingReader,
  type RunStatistics,
} from "./addon.ts";
export { idBytes, type ProgramStatistics } from "./attached-object.ts";
export { cgroup2Points } from "./cgroup.ts";
export { EntryStop } from "./entry-stop.ts";
export { ExecCount } from "./exec-count.ts";
export { type KernelFeatures, probeKernel } from "./features.ts";
export { kernelTypesReadable } from "./kernel-fields.ts";
export { lockdownMode } from "./lockdown.ts";
export { memoryLimit } from "./memory-limit.ts";
export { MessageSlots, type SlotTarget } from "./message-slots.ts";
export { readObject } from "./objects.ts";
export {
  noSocketPath,
  type OutgoingCounts,
  type PropagatorName,
  readOutgoingCounts,
  writeSettings,
} from "./outgoing.ts";
export { onProcessEnd } from "./process-end.ts";
export { lockedMemoryLimit } from "./refusal.ts";
export { KernelSession } from "./session.ts";
export { type Adoption, mayWatchSockets, SocketTier, type SocketTierTarget } from "./socket-tier.ts";
export { inInitialPidNamespace } from "./target-process.ts";
export type { MapEntry, ObjectPlan, ObjectStatus, ProgramPlan, SessionPlan } from "./types.ts";
export { u32, u64 } from "./words.ts";
export { lockdownByTrial, writeTierRefusal } from "./write-tier.ts";
