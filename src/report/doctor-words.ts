/** The sentences of `doctor`, by the group that they stand in. */
import { counted, isOrAre } from "./count.ts";
import { printable } from "./printable.ts";
import { written } from "./propagation.ts";
import type { Explanation } from "./user-error.ts";

const mebibytes = (bytes: number) => `${Math.round(bytes / (1 << 20)).toLocaleString("en")} MiB`;

export const notLookedAt = (error: string): Explanation => ({
  what: `can't be told: ${printable(error)}`,
  why: "looking at it failed here, which says nothing about tracing",
  works: "all other checks",
  next: "report it with the output of otel-go-auto doctor --json",
});

export const kernelWords = {
  addon: (architecture: string) => `loaded, for ${architecture}`,
  release: (release: string, architecture: string) => `${release} (${architecture})`,
  programs: "they load, and so does the ring buffer",
  uprobeMulti: (there: boolean) =>
    there
      ? "one link for all probes of a program (uprobe_multi)"
      : "a perf event for each probe: this kernel has no uprobe_multi whose process filter can be trusted",
  privateStack: (there: boolean) =>
    there
      ? "the kernel's own for BPF: the builds that switch preemption off are taken"
      : "shared with the kernel: the usual builds are taken",
  mapsOnDemand: (there: boolean) =>
    there
      ? "as much as is used"
      : "all from the start, some 20 MB for each library: the kernel is older than 6.1, or shows no types",
  types: "/sys/kernel/btf/vmlinux can be read",
  noTypes: {
    what: "/sys/kernel/btf/vmlinux can't be read",
    why: "sysfs isn't mounted here, or the kernel was built without CONFIG_DEBUG_INFO_BTF",
    works: "spans, where the BPF stack is shared with the kernel; no trace context by sockets",
    next: "mount /sys into the agent's container",
  } satisfies Explanation,
  lockdownUnknown: "not shown here (securityfs isn't mounted, or the kernel has none)",
  lockdownByTrial: (mode: string) => `${mode}, found by trying: the kernel doesn't show its mode here`,
  lockdown: (mode: string): Explanation => ({
    what: mode,
    why: "Secure Boot or the kernel's command line asked for it: BPF programs may not write to a process's memory",
    works: "spans, and trace context in plaintext HTTP/1 requests and gRPC calls",
    next: `nothing, unless requests and gRPC calls over TLS, net/http's HTTP/2 or Kafka messages have to carry trace context: that takes a kernel without lockdown`,
  }),
  /** What each carries depends on the other. */
  socketTier: (writeTier: boolean) => ({
    yes: "plaintext HTTP/1 requests and gRPC calls would carry trace context",
    no: (reason: string): Explanation => ({
      what: "plaintext HTTP/1 requests and gRPC calls can't carry trace context by their sockets",
      why: printable(reason, 400),
      works: writeTier ? "spans, and trace context of these requests too by the write tier" : "spans",
      next: nextForSockets(reason),
    }),
  }),
  writeTier: (socketTier: boolean) => ({
    yes: `${socketTier ? written : "all requests"} would carry trace context; Kafka messages too, where the program's own memory allows`,
    no: (reason: string): Explanation => ({
      what: `${written} can't carry trace context`,
      why: printable(reason, 400),
      works: socketTier ? "spans, and trace context of plaintext HTTP/1 requests and gRPC calls" : "spans",
      next: "docs/propagation.md says what it takes; OTEL_PROPAGATORS=none if it isn't wanted",
    }),
  }),
  messages: {
    yes: "Kafka messages would carry trace context",
    no: (reason: string): Explanation => ({
      what: "Kafka messages can't carry trace context",
      why: printable(reason, 400),
      works: "spans, each side's in traces of its own",
      next: "docs/propagation.md says what it takes; OTEL_PROPAGATORS=none if it isn't wanted",
    }),
  },
};

function nextForSockets(reason: string): string {
  const capability = /CAP_\w+/.exec(reason)?.[0];
  if (capability !== undefined) return `give this process ${capability}`;
  if (reason.includes("cgroup")) return "mount the host's /sys/fs/cgroup into the agent's container";
  return "docs/propagation.md says what it takes; OTEL_PROPAGATORS=none if it isn't wanted";
}

export const rightsWords = {
  user: (uid: number) => (uid === 0 ? "root" : `uid ${uid}`),
  held: (allows: string) => `held: it may ${allows}`,
  included: (by: string, allows: string) => `included in ${by}: it may ${allows}`,
  missing: (capability: string, allows: string, without: string | undefined): Explanation => ({
    what: "missing",
    why: `it takes ${capability} to ${allows}`,
    ...(without !== undefined && { works: without }),
    next: `run as root, or give this process ${capability} (Docker: --cap-add ${capability.replace("CAP_", "")})`,
  }),
  noNewPrivileges: (set: boolean) => (set ? "set: an executable's own capabilities are ignored" : "not set"),
  seccomp: (filters: boolean, programsLoad: boolean) =>
    filters ? `a filter is on${programsLoad ? ", and lets the system call bpf through" : ""}` : "no filter",
  seccompInTheWay: {
    what: "a filter is on, and BPF programs don't load",
    why: "the filter may refuse the system call bpf",
    next: "take a profile that allows bpf and perf_event_open (Docker: --security-opt seccomp=FILE)",
  } satisfies Explanation,
  initialUserNamespace: "the host's",
  userNamespace: {
    what: "one of its own",
    why: "the kernel asks for CAP_BPF and CAP_PERFMON in the host's user namespace; root inside is not enough",
    next: "run without user namespaces (Docker: --userns=host; not in rootless Docker or podman)",
  } satisfies Explanation,
  securityModule: (label: string) => printable(label),
};

export const limitWords = {
  files: (limit: number) => counted(limit, "open file"),
  fewFiles: (limit: number): Explanation => ({
    what: counted(limit, "open file"),
    why: "each program's link and each map is one, and without uprobe_multi each probe is",
    works: "programs of usual size",
    next: "raise it: ulimit -n 4096",
  }),
  memoryLock: (text: string) => text,
  lowMemoryLock: (text: string): Explanation => ({
    what: text,
    why: "before Linux 5.11 BPF maps count against it",
    next: "ulimit -l unlimited (Docker: --ulimit memlock=-1), or add CAP_SYS_RESOURCE",
  }),
  memory: (bytes: number | undefined) => (bytes === undefined ? "no limit" : mebibytes(bytes)),
  lowMemory: (bytes: number): Explanation => ({
    what: mebibytes(bytes),
    why: "the agent and its maps are made for 128 MiB and stay below; with less it may be killed under load",
    works: "until then all",
    next: "raise the limit of the agent's container to 128 MiB",
  }),
  perfEvents: (level: string) => `kernel.perf_event_paranoid is ${level}`,
  unprivilegedBpf: (level: string) => `kernel.unprivileged_bpf_disabled is ${level}`,
  ptrace: (scope: string) => `kernel.yama.ptrace_scope is ${scope}`,
  ptraceOff: {
    what: "kernel.yama.ptrace_scope is 3",
    why: "nobody may attach to processes, with whatever capability, until the next boot",
    works: "spans; connections that were open before carry no trace context",
    next: "boot with a lower kernel.yama.ptrace_scope if they must",
  } satisfies Explanation,
  cgroup2: (points: readonly string[]) => `mounted at ${points.map((point) => printable(point)).join(", ")}`,
  noCgroup2: {
    what: "not mounted here",
    why: "trace context by sockets needs the target's cgroup of version 2",
    works: "spans",
    next: "mount the host's /sys/fs/cgroup into the agent's container",
  } satisfies Explanation,
};

export const placeWords = {
  container: (signs: readonly string[]) =>
    signs.length === 0 ? "no sign of one" : `in a container (${signs.join(", ")})`,
  pidNamespace: (initial: boolean) => (initial ? "the host's" : "a container's"),
  processes: (count: number) => `${count.toLocaleString("en")} can be seen`,
  alone: {
    what: "only this process can be seen",
    why: "the agent is alone in its PID namespace: no target can be in it",
    next: "share the target's (Kubernetes: shareProcessNamespace: true, Docker: --pid=container:NAME) or the host's",
  } satisfies Explanation,
  hidden: {
    what: "those of other users are hidden",
    why: "/proc is mounted with hidepid",
    works: "processes of the agent's own user",
    next: "run as root, or mount /proc without hidepid",
  } satisfies Explanation,
};

export const targetWords = {
  none: {
    what: "no target is given",
    why: "neither --pid nor OTEL_GO_AUTO_TARGET_EXE says which program to look at",
    works: "the other checks",
    next: "otel-go-auto doctor --pid PID",
  } satisfies Explanation,
  off: {
    what: "nothing would be attached",
    why: "OTEL_GO_AUTO_INSTRUMENTATION_ENABLED is false or OTEL_SDK_DISABLED is true",
    works: "the other checks",
    next: "take the variable away to trace",
  } satisfies Explanation,
  process: (path: string) => `runs ${printable(path, 4096)}`,
  notRunning: (path: string, near: readonly string[]): Explanation => ({
    what: `no process runs ${printable(path, 4096)} now`,
    why:
      near.length > 0
        ? near.join("; ")
        : "none has its name either: it isn't started yet, or is in another PID namespace",
    works: "the agent waits for it",
    next: "start it and ask again; otel-go-auto doctor --pid PID looks at a process that runs",
  }),
  program: (go: string, stripped: boolean) => `${printable(go)}, ${stripped ? "stripped" : "with symbols"}`,
  /** `later`: probes that wait until the program needs them. */
  attach: ({ now, later }: { readonly now: number; readonly later: number }, without: readonly string[]) =>
    [
      now === 0 && later > 0
        ? `would be ready: ${counted(later, "probe")}, attached when a request needs it`
        : `would be attached, ${counted(now, "probe")}${later > 0 ? ` and ${later} more when the program needs them` : ""}`,
      ...without.slice(0, 3).map((what) => `without ${printable(what)}`),
      ...(without.length > 3 ? [`without ${counted(without.length - 3, "more part")}: see inspect`] : []),
    ].join("; "),
  someRules: (attached: string, without: readonly string[]): Explanation => ({
    what: attached,
    why: [
      ...without.slice(0, 3).map((what) => `without ${printable(what)}`),
      ...(without.length > 3 ? [`and without ${counted(without.length - 3, "more function")}`] : []),
    ].join("; "),
    works: "the other rules, and all libraries",
    next: "correct the file; otel-go-auto inspect with the same --config says what each rule would have",
  }),
  noWayOut: "would not be attached, as trace context can't go out that way: see below",
  absent: (names: readonly string[]) => names.join(", "),
  notAttached: (reason: string) => `not attached, ${printable(reason, 400)}`,
  skipped: (reason: string): Explanation => ({
    what: "would not be attached",
    why: printable(reason, 400),
    works: "all other libraries",
    next: "otel-go-auto --supported-versions lists what can be traced; inspect says more about this program",
  }),
  service: (name: string) => printable(name),
  notTraced: (modules: readonly string[]): Explanation => ({
    what: modules.map((module) => printable(module)).join(", "),
    why: "the program holds it, and it doesn't go through what is traced",
    works: "all that does",
    next: "nothing: only what goes through the libraries above shows up",
  }),
};

export const endpointWords = {
  console: "none: spans are drawn in the terminal",
  none: "none: OTEL_TRACES_EXPORTER is none",
  accepted: (what: string, endpoint: string, protocol: string) => `${endpoint} takes ${what} by ${protocol}`,
  proxyUsed: (variable: string) => `gRPC goes through the proxy that ${variable} names`,
  proxyIgnored: (variables: readonly string[]) =>
    `${variables.join(", ")} ${isOrAre(variables.length)} set, which OTLP over HTTP doesn't use: it goes straight to the endpoint`,
  refused: (what: string, endpoint: string, protocol: string) =>
    `${what} would not arrive at ${endpoint} by ${protocol}`,
};
