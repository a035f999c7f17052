import { join } from "node:path";
import { type Exit, type Running, start } from "./process.ts";

export const repository = join(import.meta.dirname, "..", "..", "..");

export interface AgentOptions {
  readonly pid: number | readonly number[];
  readonly endpoint?: string;
  readonly protocol?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Agent {
  readonly running: Running;
  stderr(): string;
  /** SIGINT, which flushes; gives the exit and the account that the agent closes with. */
  stop(): Promise<Exit & { readonly account: Account }>;
}

/** The agent's last word: how many requests there were and what became of them. */
export interface Account {
  readonly line: string;
  readonly requests: number;
  readonly exported: number;
  /** Every other outcome in the line's words, such as "not sampled" or "dropped (queue full)". */
  readonly others: Readonly<Record<string, number>>;
}

/** Starts the agent; it exports quickly, and the surroundings' OTEL_* variables don't reach it. */
export function spawnAgent(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  /** A command that runs the agent, such as setpriv with its flags. */
  wrapper: readonly string[] = [],
): Running {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^OTEL_/.test(name)));
  const [command = "", ...before] = [...wrapper, ...launcher()];
  return start(command, [...before, ...args], {
    cwd: repository,
    env: { ...clean, OTEL_BSP_SCHEDULE_DELAY: "100", ...env },
  });
}

/** The same, and waits until its probes are there. */
export async function startAgent({
  pid,
  endpoint,
  protocol,
  args = [],
  env = {},
}: AgentOptions): Promise<Agent> {
  const pids = [pid].flat();
  const flags = pids.flatMap((each) => ["--pid", String(each)]);
  if (endpoint !== undefined) flags.push("--endpoint", endpoint);
  if (protocol !== undefined) flags.push("--protocol", protocol);
  const running = spawnAgent([...flags, ...args], env);
  await running.waitFor(new RegExp(`(attached to process[^]*){${pids.length}}`), 30_000 * pids.length);
  return {
    running,
    stderr: running.stderr,
    async stop() {
      const exit = await running.stop("SIGINT", 30_000);
      return { ...exit, account: readAccount(running.stderr()) };
    },
  };
}

/** OTEL_GO_AUTO_COMMAND points the tests at another agent, such as that of an installed package. */
function launcher(): string[] {
  return [process.env.OTEL_GO_AUTO_COMMAND ?? join(repository, "bin", "otel-go-auto")];
}

/** Reads, for example, "spans 50,000 = 49,988 exported + 12 dropped (queue full)". */
export function readAccount(stderr: string): Account {
  const line = stderr.match(/spans [\d,]+ = .*$/gm)?.at(-1) ?? "";
  const [, requests = "", sum = ""] = line.match(/^spans ([\d,]+) = (.*)$/) ?? [];
  const others: Record<string, number> = {};
  for (const part of sum.split(" + ")) {
    const [, count = "", outcome] = part.match(/^([\d,]+) (.*)$/) ?? [];
    if (outcome !== undefined) others[outcome] = toNumber(count);
  }
  const { exported = 0, ...rest } = others;
  return { line, requests: toNumber(requests), exported, others: rest };
}

/** Requests whose outcome the line doesn't know, or knows twice, are a fault of the agent. */
export function isBalanced({ line, requests, exported, others }: Account): boolean {
  const sum = Object.values(others).reduce((total, count) => total + count, exported);
  return requests === sum && !/unaccounted|counted twice/.test(line);
}

function toNumber(text: string): number {
  return text === "" ? Number.NaN : Number(text.replaceAll(",", ""));
}
