/** The agent and a target as users of their own, with just the capabilities that a test gives. */
import assert from "node:assert/strict";
import { chmodSync, copyFileSync, cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addon } from "../../../src/kernel/addon.ts";
import { probeKernel } from "../../../src/kernel/index.ts";
import { writeUserProgram } from "../../../src/kernel/trial-programs.ts";
import type { Capability } from "../../../src/target/capabilities.ts";
import { buildGo } from "../../fixtures/go-binaries.ts";
import { readAccount, repository } from "./agent.ts";
import { usual } from "./matrix.ts";
import { type Running, sleep, start } from "./process.ts";
import { startExecutable } from "./server.ts";

export const agentUser = 65534;
export const otherUser = 65533;
export const root = 0;

/** Emulated and busy machines take their time. */
const patience = 600_000;

/** Requests that a test sends, each of which calls three times and makes four spans. */
export const requests = 3;

/** Flags of setpriv for a user with these capabilities and no others, as container runtimes start programs. */
export function asUser(user: number, capabilities: readonly Capability[]): readonly string[] {
  const names = capabilities.map((name) => `,+${name.replace("CAP_", "").toLowerCase()}`);
  const set = `-all${names.join("")}`;
  const sets =
    user === root
      ? [`--bounding-set=${set}`]
      : [`--bounding-set=${set}`, `--inh-caps=${set}`, `--ambient-caps=${set}`];
  return [`--reuid=${user}`, `--regid=${user}`, "--clear-groups", ...sets];
}

/** What this kernel wants, found out as root. */
export interface Ground {
  readonly uprobeMulti: boolean;
  /** Whether programs may write to a process's memory at all. */
  readonly writeAllowed: boolean;
  /** Maps count against RLIMIT_MEMLOCK. */
  readonly lockedMemory: boolean;
}

export function groundHere(): Ground {
  const { uprobeMulti, release } = probeKernel();
  const [major = 0, minor = 0] = release.split(".").map(Number);
  return {
    uprobeMulti,
    writeAllowed: addon().tryLoadProgram(writeUserProgram) === 0,
    lockedMemory: major < 5 || (major === 5 && minor < 11),
  };
}

export function buildTarget(): Promise<string> {
  const source = join(repository, "test", "service", "app");
  return buildGo({ go: usual.go, source, flags: ["-ldflags=-s -w"] });
}

/** A folder that every user can read, with the agent as it is shipped and the target's program. */
export class LeastPrivilege {
  readonly folder = mkdtempSync(join(tmpdir(), "otel-go-auto-rights-"));
  /** By who may read it. */
  readonly #programs = { everyone: join(this.folder, "service"), owner: join(this.folder, "closed-service") };
  readonly #running: Running[] = [];

  async prepare(): Promise<void> {
    const built = await buildTarget();
    chmodSync(this.folder, 0o755);
    for (const [who, program] of Object.entries(this.#programs)) {
      copyFileSync(built, program);
      chmodSync(program, who === "owner" ? 0o711 : 0o755);
    }
    for (const name of ["bin", "dist", "prebuilds", "offsets.json", "package.json"])
      if (existsSync(join(repository, name)))
        cpSync(join(repository, name), join(this.folder, name), { recursive: true });
  }

  /** A service that calls another one, over connections that are open already. */
  async target(user: number, readableFor: "everyone" | "owner" = "everyone"): Promise<Target> {
    const program = this.#programs[readableFor];
    const as = (args: readonly string[]) =>
      startExecutable("setpriv", [
        ...asUser(user, []),
        "env",
        "OTEL_SERVICE_NAME=told-by-target",
        program,
        ...args,
      ]);
    const stock = await as(["-role", "stock"]);
    const url = `http://127.0.0.1:${stock.ports.h1}`;
    const gateway = await as(["-role", "gateway", "-orders", url, "-stock", url]);
    this.#running.push(stock.running, gateway.running);
    const ask = () => fetch(`http://127.0.0.1:${gateway.ports.h1}/orders/7`).then((answer) => answer.text());
    await ask();
    return { pid: gateway.running.pid, ask };
  }

  /** Runs the agent on the target for a few requests; it may also end at once. */
  async trace(
    target: Target,
    user: number,
    capabilities: readonly Capability[],
    { wrapper = [], args = [], env = {}, during = async () => {} }: TraceOptions = {},
  ): Promise<Outcome> {
    const command = [
      "setpriv",
      ...asUser(user, capabilities),
      ...wrapper,
      join(this.folder, "bin", "otel-go-auto"),
    ];
    const [program = "", ...words] = [...command, "--pid", String(target.pid), ...args];
    const variables = { PATH: process.env.PATH, OTEL_TRACES_EXPORTER: "console", ...env };
    const agent = start(program, words, { cwd: this.folder, env: variables });
    this.#running.push(agent);
    // The last line of the start.
    await Promise.race([agent.waitFor(/write tier: o/, patience), agent.exited]).catch(() => {});
    if (agent.child.exitCode === null) {
      for (let i = 0; i < requests; i++) await target.ask();
      await during(agent);
      await sleep(500);
    }
    const { code } = await agent.stop("SIGINT", patience);
    return outcomeOf(code, agent.stdout(), agent.stderr());
  }

  async end(): Promise<void> {
    await Promise.all(this.#running.map((each) => each.stop("SIGKILL")));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface TraceOptions {
  /** Runs the agent, behind setpriv. */
  readonly wrapper?: readonly string[];
  readonly args?: readonly string[];
  /** Spans go to the terminal unless it says otherwise. */
  readonly env?: Readonly<Record<string, string>>;
  /** Between the requests and its end. */
  readonly during?: (agent: Running) => Promise<void>;
}

export interface Target {
  readonly pid: number;
  ask(): Promise<unknown>;
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly spans: number;
  /** Requests that carried trace context by their sockets; undefined: the socket tier was off. */
  readonly carried: number | undefined;
  /** Requests that went out on connections which were open before and could not be taken over. */
  readonly leftAlone: number;
  /** Open connections that were taken over. */
  readonly adopted: number;
  /** Capabilities that its messages name, the write tier's apart. */
  readonly named: readonly string[];
  readonly writeTier: string;
}

/** A connection that the service has closed meanwhile is replaced by one that carries. */
export function leftOpenConnectionsAlone({ leftAlone, carried = 0, stderr }: Outcome): void {
  assert.ok(leftAlone > 0, stderr);
  assert.equal(leftAlone + carried, 3 * requests, stderr);
}

function outcomeOf(code: number | null, stdout: string, stderr: string): Outcome {
  const lines = stderr.split("\n");
  const others = lines.filter((line) => !line.includes("write tier:"));
  const carried = /socket tier: ([\d,]+) requests? carried/.exec(stderr)?.[1];
  return {
    code,
    stdout,
    stderr,
    spans: readAccount(stderr).exported,
    carried: carried === undefined ? undefined : Number(carried.replaceAll(",", "")),
    leftAlone: Number(/([\d,]+) went out on a connection that was not taken/.exec(stderr)?.[1] ?? 0),
    adopted: Number(/(\d+) open connections? taken over/.exec(stderr)?.[1] ?? 0),
    named: [...new Set(others.join("\n").match(/CAP_[A-Z_]+/g) ?? [])].sort(),
    writeTier: lines.find((line) => line.includes("write tier: o")) ?? "",
  };
}
