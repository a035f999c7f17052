/** A program that uses its stacks, as it is built: see stack-program/main.go. */
import { join } from "node:path";
import { openTarget } from "../../src/target/open.ts";
import type { Target } from "../../src/target/target.ts";
import { start } from "../e2e/support/process.ts";
import { buildGo } from "../fixtures/go-binaries.ts";

export interface StackProgram {
  readonly target: Target;
  /** Has it use its stacks. */
  work(): Promise<void>;
  stop(): Promise<unknown>;
}

interface How {
  readonly go: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Most kilobytes of the main thread's stack. */
  readonly stackLimit?: number;
}

export async function runStackProgram({ stackLimit, ...build }: How): Promise<StackProgram> {
  const path = await buildGo({ ...build, source: join(import.meta.dirname, "stack-program") });
  const command = stackLimit === undefined ? `exec ${path}` : `ulimit -s ${stackLimit}; exec ${path}`;
  const running = start("sh", ["-c", command], { stdio: ["pipe", "pipe", "pipe"] });
  await running.waitFor(/ready/);
  let rounds = 0;
  return {
    target: openTarget(running.pid),
    async work() {
      rounds++;
      running.child.stdin?.write("\n");
      await running.waitFor(new RegExp(`(?:ready[^]*){${rounds + 1}}`), 120_000);
    },
    stop: () => running.stop("SIGKILL"),
  };
}
