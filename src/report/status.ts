/** What the status server says, and why there is none. */
import { ExitCode } from "./exit-code.ts";
import { printable } from "./printable.ts";
import { UserError } from "./user-error.ts";

export const statusMessages = {
  listening: (url: string) => `status at ${url} (/healthz, /readyz, /metrics)`,
  healthy: "ok",
  ready: "ready",
  notReady: (reason: string) => `not ready: ${printable(reason, 400)}`,
  waitingFor: (exe: string) => `waiting for a process that runs ${exe}`,
  refused: (pid: number, what: string, exe: string) =>
    `process ${pid} could not be traced (${what}); waiting for another that runs ${exe}`,
  applicationRefused: (pid: number, what: string) => `process ${pid} could not be traced (${what})`,
  attaching: "no process is traced yet",
  noneLeft: "no process is traced any more",
  stopping: "the agent is stopping",
  paths: "here are /healthz, /readyz and /metrics",
  methods: "only GET and HEAD are answered",
  failed: "the values could not be read",
};

interface Where {
  readonly host: string | undefined;
  readonly port: number;
}

const reasons: Readonly<Record<string, { readonly why: string; readonly next: string }>> = {
  EADDRINUSE: {
    why: "something listens there already; another agent may be running",
    next: "end it, or give another port",
  },
  EADDRNOTAVAIL: {
    why: "this machine, or this container, has no such address",
    next: "give one of its own addresses, or only a port for all of them",
  },
  EACCES: {
    why: "ports below 1024 need CAP_NET_BIND_SERVICE",
    next: "give a port from 1024 on",
  },
};

/** Whoever asks for health checks would sooner or later end an agent that has none: better it doesn't start. */
export function statusAddressUnusable({ host, port }: Where, error: Error & { code?: string }): UserError {
  const exitCode = error.code === "EACCES" ? ExitCode.noPermission : ExitCode.failure;
  const reason = reasons[error.code ?? ""] ?? {
    why: printable(error.message),
    next: "check --status-address",
  };
  const shown = host?.includes(":") ? `[${host}]` : (host ?? "");
  return new UserError(exitCode, { what: `--status-address: cannot listen on ${shown}:${port}`, ...reason });
}
