import { join } from "node:path";
import { type Server, startExecutable } from "../../e2e/support/server.ts";
import { buildGo, type GoBuild } from "../../fixtures/go-binaries.ts";

export type Logger = "slog" | "zap" | "zerolog";

export interface LogBuild {
  readonly go: string;
  readonly zap: string;
  readonly zerolog: string;
  readonly flags: readonly string[];
  readonly loggers: readonly Logger[];
  /** zerolog's events have a context. */
  readonly hasEventContext: boolean;
}

const stripped = "-ldflags=-s -w";

/** The program with the oldest, a middle and the newest version of each logger. */
export const logBuilds = {
  old: {
    go: "1.20.14",
    zap: "1.16.0",
    zerolog: "1.15.0",
    flags: ["-modfile=old.mod", "-tags=old", stripped],
    loggers: ["zap", "zerolog"],
    hasEventContext: false,
  },
  middle: {
    go: "1.21.0",
    zap: "1.21.0",
    zerolog: "1.29.0",
    flags: ["-modfile=middle.mod", "-tags=old"],
    loggers: ["slog", "zap", "zerolog"],
    hasEventContext: false,
  },
  newest: {
    go: "1.27.4",
    zap: "1.28.0",
    zerolog: "1.35.1",
    flags: ["-tags=manual", stripped],
    loggers: ["slog", "zap", "zerolog"],
    hasEventContext: true,
  },
} as const satisfies Record<string, LogBuild>;

export function buildLogs({ go, flags }: LogBuild, env: GoBuild["env"] = {}): Promise<string> {
  return buildGo({ go, source: join(import.meta.dirname, "app"), flags: ["-p=1", ...flags], env });
}

export async function startLogs(build: LogBuild, env: NodeJS.ProcessEnv = {}): Promise<Server> {
  return await startExecutable(await buildLogs(build), [], { env: { ...process.env, ...env } });
}
