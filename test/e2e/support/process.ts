import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process that a test started: what it wrote so far, and its end. */
export interface Running {
  readonly pid: number;
  readonly child: ChildProcess;
  readonly exited: Promise<Exit>;
  stdout(): string;
  stderr(): string;
  /** The first match of the pattern in stdout or stderr; rejects when the process ends or the time is up. */
  waitFor(pattern: RegExp, milliseconds?: number): Promise<RegExpMatchArray>;
  /** The end that is about to come; rejects, and kills, when it doesn't. */
  ended(milliseconds?: number): Promise<Exit>;
  /** Sends the signal and waits for the end; SIGKILL when it doesn't end in `milliseconds`. */
  stop(signal?: NodeJS.Signals, milliseconds?: number): Promise<Exit>;
}

/** What a process wrote beyond this is forgotten from its beginning, in characters. */
const keep = 4 << 20;

const alive = new Set<ChildProcess>();
// A test file that is broken off must not leave servers behind.
process.on("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

export function start(command: string, args: readonly string[], options: SpawnOptions = {}): Running {
  const child = spawn(command, [...args], { stdio: ["ignore", "pipe", "pipe"], ...options });
  alive.add(child);
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (chunk: string) => {
      text[name] = (text[name] + chunk).slice(-keep);
    });
  }
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      alive.delete(child);
      resolve({ code, signal });
    });
  });
  exited.catch(() => {});
  const name = `${command} ${args.join(" ")}`;

  return {
    pid: child.pid ?? 0,
    child,
    exited,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    async waitFor(pattern, milliseconds = 15_000) {
      const deadline = Date.now() + milliseconds;
      for (;;) {
        const match = text.stdout.match(pattern) ?? text.stderr.match(pattern);
        if (match) return match;
        const ended = child.exitCode ?? child.signalCode;
        if (ended !== null || Date.now() > deadline) {
          const why = ended !== null ? `ended (${ended})` : `said nothing like it in ${milliseconds} ms`;
          throw new Error(`${name}: ${why}, waiting for ${pattern}\n${text.stdout}\n${text.stderr}`);
        }
        await sleep(10);
      }
    },
    async ended(milliseconds = 30_000) {
      const timer = setTimeout(() => child.kill("SIGKILL"), milliseconds);
      const exit = await exited.finally(() => clearTimeout(timer));
      if (exit.signal === "SIGKILL")
        throw new Error(`${name} did not end in ${milliseconds} ms\n${text.stderr}`);
      return exit;
    },
    async stop(signal = "SIGTERM", milliseconds = 20_000) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const timer = setTimeout(() => child.kill("SIGKILL"), milliseconds);
      return exited.finally(() => clearTimeout(timer));
    },
  };
}

/** Ends whatever this test file started and a failing test left behind; for `after`. */
export async function stopAll(): Promise<void> {
  const closed = [...alive].map((child) => once(child, "close"));
  for (const child of alive) child.kill("SIGKILL");
  await Promise.all(closed);
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Ports of the loopback address that nobody listens on, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("a TCP server without a port");
    return address.port;
  });
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}
