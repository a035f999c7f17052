/** What the agent holds each capability for, and what it can do without. */
export interface CapabilityUse {
  readonly allows: string;
  /** What still works without it; undefined: nothing can be traced. */
  readonly without: string | undefined;
}

export const capabilityUses = {
  CAP_BPF: { allows: "load BPF programs and make their maps", without: undefined },
  CAP_PERFMON: { allows: "attach probes that read a program's memory", without: undefined },
  CAP_SYS_PTRACE: {
    allows: "look at processes of other users",
    without: "programs of the agent's own user are traced",
  },
  CAP_NET_ADMIN: {
    allows: "put trace context into plaintext HTTP/1 requests",
    without: "spans are made; those requests go out without trace context, or with it by the write tier",
  },
  CAP_DAC_READ_SEARCH: {
    allows: "read executables and environments that are closed to others, and take over open connections",
    without: "all else; connections of other users' processes that were open before carry no trace context",
  },
} as const satisfies Record<string, CapabilityUse>;
