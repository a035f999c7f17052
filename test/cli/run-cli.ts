import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

const cli = new URL("../../src/cli.ts", import.meta.url).pathname;

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command as a process of its own. Of the tests' own environment it sees PATH alone. */
export function startCli(
  words: readonly string[],
  environment: Record<string, string> = {},
): { child: ChildProcess; result: Promise<Result>; stderr: () => string } {
  const child = spawn(process.execPath, ["--import", "tsx", cli, ...words], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const result = once(child, "close").then(([code]) => ({ code, stdout, stderr }));
  return { child, result, stderr: () => stderr };
}

export function runCli(words: readonly string[], environment: Record<string, string> = {}): Promise<Result> {
  return startCli(words, environment).result;
}
