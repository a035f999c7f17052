// `run -- COMMAND`: the application is traced from its first request on, and notices nothing of the agent.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { constants as fsConstants, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { chmod, copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { buildGo } from "../fixtures/go-binaries.ts";
import { readAccount, repository, spawnAgent } from "./support/agent.ts";
import { type Collector, startCollector } from "./support/collector.ts";
import { usual } from "./support/matrix.ts";
import { type Running, sleep, start, stopAll } from "./support/process.ts";

const source = join(repository, "test", "e2e", "programs", "first-request");
/** Milliseconds. The machine may be busy. */
const patience = 60_000;

describe("run", () => {
  let collector: Collector;
  let directory: string;
  let app: string;

  before(async () => {
    collector = await startCollector();
    directory = await mkdtemp(join(tmpdir(), "otel-go-auto-run-"));
    // Also for those who may not look into our cache.
    await chmod(directory, 0o755);
    app = join(directory, "app");
    await copyFile(await buildGo({ go: usual.go, source }), app);
  });
  after(async () => {
    await collector?.stop();
    await stopAll();
    if (directory) await rm(directory, { recursive: true });
  });

  const run = (words: readonly string[], env: Record<string, string> = {}, wrapper: string[] = []) =>
    spawnAgent(["run", "--endpoint", collector.httpEndpoint, "--", ...words], env, wrapper);

  /** The application's pid, as soon as it runs. */
  const pidOf = async (running: Running) => Number((await running.waitFor(/^pid (\d+)$/m, patience))[1]);

  async function script(name: string, text: string): Promise<string> {
    const path = join(directory, name);
    await writeFile(path, text);
    await chmod(path, 0o755);
    return path;
  }

  test("the very first request is traced, and the exit code is the application's", async () => {
    for (let round = 1; round <= 3; round++) {
      const already = (await collector.spans()).length;
      const agent = run([app, "-once", "-exit", "7"]);
      assert.equal((await agent.ended(patience)).code, 7, agent.stderr());
      assert.equal(readAccount(agent.stderr()).exported, 2, agent.stderr());
      const spans = (await collector.waitFor((all) => all.length >= already + 2)).slice(already);
      assert.deepEqual(spans.map(({ kind }) => kind).sort(), ["client", "server"]);
    }
  });

  test("a config file: what it says holds, its live part when it changes; SIGHUP is the application's", async () => {
    const file = join(directory, "agent.yaml");
    await writeFile(file, `service: {name: from-file}\notlp: {endpoint: "${collector.httpEndpoint}"}\n`);
    const already = (await collector.spans()).length;
    const agent = spawnAgent(["run", "--config", file, "--", app, "-exit", "3"]);
    await agent.waitFor(/attached to process/, patience);
    const [, address] = await agent.waitFor(/^listening (\S+) h1$/m, patience);
    await (await fetch(`http://${address}/from-outside`)).arrayBuffer();
    const spans = await collector.waitFor((all) => all.length > already, patience);
    assert.equal(spans.at(-1)?.resource["service.name"], "from-file");
    await writeFile(file, "service: {name: from-file}\nsampling: {ratio: 0.5}\n");
    await agent.waitFor(/agent\.yaml: sampling: .* 0\.5$/m, patience);
    agent.child.kill("SIGHUP");
    await agent.waitFor(/^signal 1$/m, patience);
    agent.child.kill("SIGTERM");
    assert.equal((await agent.ended(patience)).code, 3, agent.stderr());
    // On a machine that is busy it is let go by SIGCONT.
    assert.deepEqual(
      signalsIn(agent).filter((signal) => signal !== constants.signals.SIGCONT),
      [constants.signals.SIGHUP, constants.signals.SIGTERM],
    );
  });

  test("signals reach it once, and only it; SIGUSR1 opens no debugger", async () => {
    const agent = run([app, "-exit", "3"]);
    await pidOf(agent);
    const names = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGPWR", "SIGWINCH"];
    for (const name of names as NodeJS.Signals[]) {
      agent.child.kill(name);
      await agent.waitFor(new RegExp(`^signal ${constants.signals[name]}$`, "m"), patience);
    }
    agent.child.kill("SIGTERM");
    assert.equal((await agent.ended(patience)).code, 3, agent.stderr());
    assert.deepEqual(
      signalsIn(agent),
      [...names, "SIGTERM"].map((name) => constants.signals[name as NodeJS.Signals]),
    );
    assert.doesNotMatch(agent.stderr(), /Debugger listening/);
  });

  test("a terminal's Ctrl-C is not doubled", async () => {
    // exec: a shell of its own would die of Ctrl-\\, and its session's end is one more SIGHUP.
    const command = `exec ${join(repository, "bin/otel-go-auto")} run -- ${app}`;
    const terminal = start("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, OTEL_TRACES_EXPORTER: "none" },
    });
    const pid = Number((await terminal.waitFor(/^pid (\d+)/m, patience))[1]);
    for (const [key, signal] of [
      ["\x03", "SIGINT"],
      ["\x1c", "SIGQUIT"],
    ] as const) {
      terminal.child.stdin?.write(key);
      await terminal.waitFor(new RegExp(`^.*signal ${constants.signals[signal]}\\b`, "m"), patience);
    }
    process.kill(pid, "SIGTERM");
    await terminal.ended(patience);
    const { SIGINT, SIGQUIT, SIGTERM } = constants.signals;
    assert.deepEqual(signalsIn(terminal), [SIGINT, SIGQUIT, SIGTERM], terminal.stdout());
  });

  test("arguments go through byte by byte, also what is not UTF-8", async () => {
    const show = await script(
      "show.sh",
      '#!/bin/sh\necho $#\nfor word; do printf %s "$word" | od -An -tx1; done',
    );
    const odd = "\\303\\244 \\377\\376";
    const agent = run([show, "", "ä"], {}, ["sh", "-c", `exec "$@" "$(printf '${odd}')" --`, "sh"]);
    assert.equal((await agent.ended(patience)).code, 0, agent.stderr());
    assert.deepEqual(agent.stdout().split("\n"), ["4", " c3 a4", " c3 a4 20 ff fe", " 2d 2d", ""]);
  });

  test("128 and the signal's number when a signal ends it", async () => {
    const agent = run([app]);
    process.kill(await pidOf(agent), "SIGKILL");
    assert.equal((await agent.ended(patience)).code, 128 + 9, agent.stderr());
  });

  test("a script that executes it later", async () => {
    const agent = run([await script("exec.sh", `#!/bin/sh\nsleep 1\nexec ${app} -exit 5`)]);
    const pid = await pidOf(agent);
    await agent.waitFor(new RegExp(`attached to process ${pid} `), patience);
    agent.child.kill("SIGTERM");
    assert.equal((await agent.ended(patience)).code, 5, agent.stderr());
  });

  test("a script that starts it", async () => {
    const agent = run([await script("fork.sh", `#!/bin/sh\n${app} -exit 5\nexit 6`)]);
    const pid = await pidOf(agent);
    await agent.waitFor(new RegExp(`attached to process ${pid} `), patience);
    process.kill(pid, "SIGTERM");
    assert.equal((await agent.ended(patience)).code, 6, agent.stderr());
  });

  test("children that run the same file are traced, each as an instance of its own", async () => {
    const agent = run([app, "-workers", "2"]);
    const pid = await pidOf(agent);
    for (let i = 0; i < 3; i++)
      await agent.waitFor(new RegExp(`(attached to process [^]*){${i + 1}}`), patience);
    const attached = [...agent.stderr().matchAll(/attached to process (\d+) /g)].map(([, text]) =>
      Number(text),
    );
    assert.equal(attached[0], pid);
    assert.equal(new Set(attached).size, 3, agent.stderr());
    for (const worker of attached) process.kill(worker, "SIGTERM");
    assert.equal((await agent.ended(patience)).code, 0, agent.stderr());
  });

  test("it runs also when it can't be traced: by a user without rights", {
    skip: cannotBeNobody(),
  }, async () => {
    const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    const agent = run([app, "-once", "-exit", "7"], {}, nobody);
    assert.equal((await agent.ended(patience)).code, 7, agent.stderr());
    assert.match(agent.stderr(), /No permission .*\n.*\n.*the application runs on, untraced/);
    assert.match(agent.stdout(), /^ready$/m);
  });

  test("it runs also when it can't be traced: no Go program; switched off", async () => {
    const other = run(["sh", "-c", "exit 9"]);
    assert.equal((await other.ended(patience)).code, 9, other.stderr());
    const off = run([app, "-once", "-exit", "7"], { OTEL_SDK_DISABLED: "true" });
    assert.equal((await off.ended(patience)).code, 7, off.stderr());
    assert.match(off.stderr(), /nothing is attached/);
  });

  test("what can't be executed: 3 and 4", async () => {
    const cases = [
      [join(directory, "nothing"), 3, /there is no command/],
      ["no-such-command-at-all", 3, /no folder of PATH/],
      [await script("not-executable", "#!/bin/sh\n"), 4, /no permission to execute/],
      [await script("no-program", "hello"), 3, /neither a program/],
      [await script("no-interpreter", "#!/no/such/interpreter\n"), 3, /interpreter/],
    ] as const;
    await chmod(join(directory, "not-executable"), 0o644);
    for (const [file, code, message] of cases) {
      const agent = run([file]);
      assert.equal((await agent.ended(patience)).code, code, agent.stderr());
      assert.match(agent.stderr(), message);
    }
  });

  test("its streams wait for their readers, as they do without the agent", async () => {
    const agent = run(["sh", "-c", "cat /proc/self/fdinfo/1 /proc/self/fdinfo/2"]);
    assert.equal((await agent.ended(patience)).code, 0, agent.stderr());
    const flags = [...agent.stdout().matchAll(/^flags:\s*(\d+)$/gm)].map(([, octal = ""]) =>
      Number.parseInt(octal, 8),
    );
    assert.equal(flags.length, 2, agent.stdout());
    for (const flag of flags) assert.equal(flag & fsConstants.O_NONBLOCK, 0);
  });

  test("the agent's capabilities stay with the agent", { skip: cannotBeNobody() }, async () => {
    const list = "+bpf,+perfmon,+sys_ptrace,+net_bind_service";
    const user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    const agent = run(["grep", "^Cap", "/proc/self/status"], {}, [
      ...user,
      `--inh-caps=${list}`,
      `--ambient-caps=${list}`,
    ]);
    assert.equal((await agent.ended(patience)).code, 0, agent.stderr());
    const bindService = 1n << 10n;
    for (const set of ["Inh", "Prm", "Eff", "Amb"])
      assert.equal(
        BigInt(`0x${agent.stdout().match(new RegExp(`^Cap${set}:\\s*(\\w+)$`, "m"))?.[1]}`),
        bindService,
      );
  });

  test("SIGKILL of the agent while it holds the application back: it runs on", async () => {
    for (let round = 0; round < 3; round++) {
      const agent = run([app]);
      const child = await until(() => childrenOf(agent.pid).find((pid) => stateOf(pid) === "T"));
      agent.child.kill("SIGKILL");
      await once(agent.child, "exit");
      // Its parent is another one now, and its streams are closed: it listens.
      await until(() => stateOf(child) !== "T" && listens(child));
      process.kill(child, "SIGKILL");
    }
  });

  test("an agent that is held up doesn't hold the application up: after 10 s it runs", async () => {
    const agent = run([app, "-exit", "5"]);
    const child = await until(() => childrenOf(agent.pid).find((pid) => stateOf(pid) === "T"));
    agent.child.kill("SIGSTOP");
    await until(() => stateOf(child) !== "T" && listens(child));
    agent.child.kill("SIGCONT");
    await agent.waitFor(/took longer than 10 s.*let go/, patience);
    await agent.waitFor(/attached to process/, patience);
    agent.child.kill("SIGTERM");
    assert.equal((await agent.ended(patience)).code, 5, agent.stderr());
  });

  test("SIGKILL of the agent at any moment: the application runs", async () => {
    for (let milliseconds = 100; milliseconds < 1000; milliseconds += 150) {
      const agent = run([app]);
      const child = await until(() => childrenOf(agent.pid)[0]);
      await sleep(milliseconds - 100);
      agent.child.kill("SIGKILL");
      await once(agent.child, "exit");
      await until(() => stateOf(child) !== "T" && listens(child));
      process.kill(child, "SIGKILL");
    }
  });
});

const signalsIn = (running: Running) =>
  [...running.stdout().matchAll(/signal (\d+)/g)].map(([, number]) => Number(number));

/** What the function gives, as soon as it gives something. */
async function until<T>(look: () => T | undefined | false): Promise<T> {
  for (const end = Date.now() + patience; Date.now() < end; await sleep(5)) {
    const found = look();
    if (found) return found;
  }
  throw new Error(`nothing came of it: ${look}`);
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return text.split(" ").filter(Boolean).map(Number);
}

const stateOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)?.[0];

/** A socket is the last thing that the program has before its first request. */
const listens = (pid: number) =>
  readdirSync(`/proc/${pid}/fd`).some((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith("socket:");
    } catch {
      return false;
    }
  });

function cannotBeNobody(): string | false {
  const flags = ["--reuid=65534", "--regid=65534", "--clear-groups"];
  const { status } = spawnSync("setpriv", [...flags, "test", "-r", join(repository, "package.json")]);
  return status !== 0 && "the user nobody can't read this checkout";
}
