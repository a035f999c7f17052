export { type Addon, addon, type BpfMap, type Clocks, type RingReader, type RunStatistics } from "./addon.ts";
export type { ProgramStatistics } from "./attached-object.ts";
export type { Capability } from "./capabilities.ts";
export { type KernelFeatures, probeKernel } from "./features.ts";
export { readObject } from "./objects.ts";
export {
  noSocketPath,
  type OutgoingCounts,
  type PropagatorName,
  readOutgoingCounts,
  writeSettings,
} from "./outgoing.ts";
export { KernelSession } from "./session.ts";
export { type Adoption, SocketTier } from "./socket-tier.ts";
export type { ObjectPlan, ObjectStatus, ProgramPlan, SessionPlan } from "./types.ts";
export { writeTierRefusal } from "./write-tier.ts";
