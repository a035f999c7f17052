/** What the agent holds each capability for, and what it can do without: docs/privileges.md shows the same. */
export interface CapabilityUse {
  readonly allows: string;
  /** What still works without it; undefined: nothing can be traced. */
  readonly without: string | undefined;
  /** Where it is of use; undefined: everywhere. */
  readonly only?: string;
}

export const capabilityUses = {
  CAP_BPF: { allows: "load BPF programs and make their maps", without: undefined },
  CAP_PERFMON: { allows: "attach probes that read a program's memory", without: undefined },
  CAP_SYS_PTRACE: {
    allows: "look at processes of other users",
    without: "programs of the agent's own user are traced",
  },
  CAP_DAC_READ_SEARCH: {
    allows: "read executables and environments that are closed to others, and take over open connections",
    without: "all else; connections of other users' processes that were open before carry no trace context",
  },
  CAP_NET_ADMIN: {
    allows: "put trace context into plaintext HTTP/1 requests and gRPC calls",
    without: "spans are made; those requests go out without trace context, or with it by the write tier",
  },
  CAP_SYS_ADMIN: {
    allows:
      "write trace context into requests and gRPC calls over TLS, net/http's HTTP/2 and messages, and attach probes by perf events",
    without:
      "spans, and trace context in plaintext HTTP/1 requests and gRPC calls, where the kernel has uprobe_multi links",
    only: "kernels that are not locked down; kernels before 6.10 that let nobody else attach",
  },
  CAP_SYS_RESOURCE: {
    allows: "make BPF maps beyond the limit of locked memory",
    without: "all, when that limit is high enough (ulimit -l unlimited)",
    only: "kernels before 5.11",
  },
} as const satisfies Record<string, CapabilityUse>;
