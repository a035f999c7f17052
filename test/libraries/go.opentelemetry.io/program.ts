import { join } from "node:path";
import { startExecutable } from "../../e2e/support/server.ts";
import type { TracedProgram } from "../../e2e/support/tree-run.ts";
import { buildGo, type GoBuild } from "../../fixtures/go-binaries.ts";

export interface ApiBuild {
  /** Version of go.opentelemetry.io/otel. */
  readonly otel: string;
  readonly go: string;
  readonly flags: readonly string[];
  /** Arguments of the program. */
  readonly args?: readonly string[];
}

const stripped = "-ldflags=-s -w";

/** The program with versions of the API, each with a Go of its time. */
export const apiBuilds = {
  "1.0": { otel: "1.0.1", go: "1.20.14", flags: ["-modfile=otel10.mod", "-tags=noauto"] },
  "1.21": { otel: "1.21.0", go: "1.20.14", flags: ["-modfile=otel121.mod", "-tags=noauto", stripped] },
  "1.32": { otel: "1.32.0", go: "1.22.12", flags: ["-modfile=otel132.mod", stripped] },
  /** All spans by version 1.0.0 of the Auto SDK. */
  oldestAuto: {
    otel: "1.32.0",
    go: "1.22.12",
    flags: ["-modfile=otel132.mod", stripped],
    args: ["-auto"],
  },
  "1.33": { otel: "1.33.0", go: "1.22.12", flags: ["-modfile=otel133.mod"] },
  "1.35": { otel: "1.35.0", go: "1.24.13", flags: ["-modfile=otel135.mod", stripped] },
  newest: { otel: "1.47.0", go: "1.26.8", flags: [stripped] },
} as const satisfies Record<string, ApiBuild>;

export function titleOf({ otel, args = [] }: ApiBuild): string {
  return [otel, ...args].join(" ");
}

export const apiFolder = import.meta.dirname;

export function buildApi({ go, flags }: ApiBuild, env: GoBuild["env"] = {}): Promise<string> {
  return buildGo({ go, source: join(apiFolder, "app"), flags: ["-p=1", ...flags], env });
}

/** Two processes of one program: what is called, and the traced one that calls it. */
export async function startApi(build: ApiBuild): Promise<TracedProgram> {
  const executable = await buildApi(build);
  const callee = await startExecutable(executable);
  const backPort = callee.ports.h1 ?? 0;
  const back = `http://127.0.0.1:${backPort}`;
  const server = await startExecutable(executable, ["-back", back, ...(build.args ?? [])]);
  const facts = { back, backPort };
  return { server, facts, stop: () => Promise.all([server.stop(), callee.stop()]) };
}
