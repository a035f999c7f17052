// What the config file changes in a running agent: at once, and without losing a span.
import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { type Agent, isBalanced, startAgent } from "./support/agent.ts";
import { type Collector, type ReceivedSpan, startCollector } from "./support/collector.ts";
import { startClient } from "./support/http-client.ts";
import { type RunningLoad, sendLoad, startLoad } from "./support/load.ts";
import { sleep, stopAll } from "./support/process.ts";
import type { TracedProgram } from "./support/tree-run.ts";

const patient = 30_000;

describe("live settings", () => {
  const directory = mkdtempSync(join(tmpdir(), "otel-go-auto-live-"));
  const file = join(directory, "agent.yaml");
  let collector: Collector;
  let program: TracedProgram;
  let agent: Agent | undefined;
  let load: RunningLoad | undefined;
  let phases = 0;

  before(async () => {
    [collector, program] = await Promise.all([startCollector(), startClient("1.26.8", true)]);
  });
  afterEach(async () => {
    await load?.stop();
    load = undefined;
    await agent?.stop();
    agent = undefined;
  });
  after(async () => {
    await program?.stop();
    await collector?.stop();
    await stopAll();
    rmSync(directory, { recursive: true });
  });

  const url = (path: string) => `http://127.0.0.1:${program.server.ports.h1}${path}`;
  /** One request of the traced program's client, which takes 20 ms. */
  const call = (mark: string, to = "/soon", more = "") => url(`/call?base=h1&to=${to}&case=${mark}${more}`);

  async function start(text: string, env: Record<string, string> = {}, path = file): Promise<Agent> {
    if (path === file) write(text);
    agent = await startAgent({
      pid: program.server.running.pid,
      endpoint: collector.grpcEndpoint,
      protocol: "grpc",
      args: ["--config", path],
      env,
    });
    return agent;
  }

  /** As editors do it, so that nobody reads half of it. */
  function write(text: string, path = file): void {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  }

  /** The n-th match of a pattern in what the agent has said, n from 1. */
  async function said(pattern: RegExp, times = 1): Promise<void> {
    const all = new RegExp(pattern.source, "gm");
    const deadline = Date.now() + patient;
    while ((agent?.stderr().match(all)?.length ?? 0) < times) {
      assert.ok(Date.now() < deadline, `${times} times ${pattern}: ${agent?.stderr()}`);
      await sleep(20);
    }
  }

  const isOf = (mark: string) => (span: ReceivedSpan) =>
    `${span.attributes["url.query"]}${span.attributes["url.full"]}`.includes(`case=${mark}`);

  /** Spans of so many requests, all of which have ended, when nothing more comes. */
  async function spansOf(mark: string, expected: number): Promise<ReceivedSpan[]> {
    const all = await collector.waitFor((spans) => spans.filter(isOf(mark)).length >= expected, patient);
    return all.filter(isOf(mark));
  }

  async function send(requests: number, more = ""): Promise<string> {
    const mark = `phase-${++phases}-`;
    const { failed } = await sendLoad({ url: call(mark, "/soon", more), connections: 8, requests });
    assert.equal(failed, 0);
    return mark;
  }

  async function background(): Promise<void> {
    load = await startLoad({ url: call("background"), connections: 4 });
    await sleep(200);
  }

  /** Of all that ran: every request is accounted for, and nothing was lost. */
  async function finish(): Promise<Awaited<ReturnType<Agent["stop"]>>> {
    assert.deepEqual((await load?.stop())?.errors ?? {}, {});
    load = undefined;
    const end = await (agent as Agent).stop();
    agent = undefined;
    assert.equal(end.code, 0);
    assert.ok(isBalanced(end.account), end.account.line);
    assert.doesNotMatch(end.account.line, /dropped/);
    return end;
  }

  /** Spans that stand for certain: what comes after them has been sent behind them. */
  async function settle(mark: string, expected: number): Promise<number> {
    await sleep(1000);
    return (await spansOf(mark, expected)).length;
  }

  test("sampling: 1, 0 and 0.5 under load, by the file's date and by SIGHUP", async () => {
    const running = await start("sampling: {ratio: 1}\n");
    await background();
    const first = await send(200);
    assert.equal((await spansOf(first, 400)).length, 400, "server and client of each request");

    write("sampling:\n  ratio: 0\n");
    await said(/agent\.yaml: sampling: 1 → 0$/);
    const second = await send(200);

    write("sampling:\n  ratio: 0.5\n");
    running.running.child.kill("SIGHUP");
    await said(/agent\.yaml: sampling: 0 → 0\.5$/);
    const third = await send(400);
    const sampled = await settle(third, 2 * 150);
    assert.ok(sampled % 2 === 0 && sampled > 2 * 140 && sampled < 2 * 260, `${sampled} spans of 2 x 400`);
    assert.equal(await settle(second, 0), 0);

    running.running.child.kill("SIGHUP");
    await said(/agent\.yaml: nothing has changed$/);
    await finish();
  });

  test("a library is disabled while its calls are under way, and enabled again: none is lost", async () => {
    const running = await start("sampling: {sampler: always_on}\n");
    await background();
    const [first, slow] = [await send(50), "slow"];
    const pending = Array.from({ length: 20 }, () => fetch(call(slow, "/never", "&timeout=1500")));
    await sleep(300);

    write("disable: [net/http/client]\nsampling: {sampler: always_on}\n");
    await said(/agent\.yaml: disabled: none → net\/http\/client$/);
    await said(/net\/http client: detached from process/);
    const second = await send(50);
    await Promise.all(pending);

    write("sampling: {sampler: always_on}\n");
    await said(/net\/http client: attached to process/);
    const third = await send(50);

    const kinds = async (mark: string, count: number) => {
      const spans = await spansOf(mark, count);
      return ["server", "client"].map((kind) => spans.filter((span) => span.kind === kind).length);
    };
    assert.deepEqual(await kinds(first, 100), [50, 50]);
    assert.deepEqual(await kinds(slow, 40), [20, 20], "calls that were under way");
    assert.deepEqual(await kinds(third, 100), [50, 50]);
    assert.equal(await settle(second, 50), 50, "its server's spans alone");
    const { account } = await finish();
    assert.equal(Object.keys(account.others).join(), "", account.line);
    const carried = [...running.stderr().matchAll(/ ([\d,]+) requests carried trace context/g)];
    assert.ok(carried.length >= 2 && carried.every(([, count]) => count !== "0"), running.stderr());
  });

  test("calls that don't end soon are cut off, and counted", async () => {
    await start("{}\n");
    const pending = Array.from({ length: 7 }, () => fetch(call("long", "/never", "&timeout=9000")));
    await sleep(500);
    write("disable: [http/client]\n");
    await said(
      /net\/http client: detached from process \d+; 7 that had not ended after 5 s are not traced to the end$/,
    );
    await Promise.all(pending);
    write("{}\n");
    await said(/net\/http client: attached to process/);
    const mark = await send(50);
    assert.equal((await spansOf(mark, 100)).length, 100);
    const servers = await spansOf("long", 7);
    assert.deepEqual(
      servers.map(({ kind }) => kind),
      Array(7).fill("server"),
    );
    const { account } = await finish();
    assert.equal(account.others["not traced to the end (library disabled meanwhile)"], 7, account.line);
  });

  test("a disabled name that no library has is warned of", async () => {
    await start("{}\n");
    write("disable: [htpt]\n");
    await said(/"htpt" is to be disabled, but names no library; did you mean http\?/);
    await finish();
  });

  test("enabled again while its calls still end: it goes on", async () => {
    await start("{}\n");
    const pending = fetch(call("kept", "/never", "&timeout=4000"));
    await sleep(500);
    write("disable: [http/client]\n");
    await said(/agent\.yaml: disabled: none → http\/client$/);
    write("{}\n");
    await said(/net\/http client: stays attached to process/);
    const mark = await send(50);
    assert.equal((await spansOf(mark, 100)).length, 100);
    await pending;
    assert.equal((await spansOf("kept", 2)).length, 2);
    await finish();
  });

  test("callers that were learned are known when the library comes back", async () => {
    await start("log_level: debug\n");
    const learned = await send(1, "&via=interface");
    await said(/calls from client\/calls\.do are traced from now on$/);
    const first = await send(20, "&via=interface");
    assert.equal((await spansOf(first, 40)).length, 40);
    write("log_level: debug\ndisable: [http/client]\n");
    await said(/net\/http client: detached from process/);
    write("log_level: debug\n");
    await said(/net\/http client: attached to process/);
    const second = await send(20, "&via=interface");
    assert.equal((await spansOf(second, 40)).length, 40);
    assert.equal((await spansOf(learned, 1)).length, 1);
    await finish();
  });

  test("disabled at the start, enabled later, with all that it brings", async () => {
    const agent = await start("disable: [net/http/client]\n");
    await agent.running.waitFor(/net\/http client: not attached, /);
    const first = await send(50);
    write("disable: []\n");
    await said(/net\/http client: attached to process/);
    const second = await send(50);
    const spans = await spansOf(second, 100);
    assert.equal(spans.length, 100);
    const servers = new Set(spans.filter(({ kind }) => kind === "server").map(({ spanId }) => spanId));
    const clients = spans.filter(({ kind }) => kind === "client");
    assert.ok(
      clients.every(({ parentSpanId }) => servers.has(parentSpanId)),
      "each is its request's child",
    );
    assert.equal(await settle(first, 50), 50);
    await finish();
    assert.match(agent.stderr(), /: 50 requests carried trace context/);
  });

  test("all that makes spans is disabled at the start: it waits, attaches nothing, and traces when it may", async () => {
    const agent = await start("disable: [net/http/server, net/http/client, database/sql]\n");
    await agent.running.waitFor(/nothing is traced in it until the config file enables a library/);
    const first = await send(20);
    write("disable: []\n");
    await said(/net\/http server: attached to process/);
    await said(/net\/http client: attached to process/);
    const second = await send(20);
    assert.equal((await spansOf(second, 40)).length, 40);
    assert.equal(await settle(first, 0), 0);
    const { account } = await finish();
    assert.equal(account.exported, 40, account.line);
  });

  test("paths that are left out", async () => {
    await start("{}\n");
    await background();
    const first = await send(30);
    assert.equal((await spansOf(first, 60)).length, 60);
    write("sampling:\n  rules:\n    - {path: /ca*, drop: true}\n");
    await said(/agent\.yaml: sampling\.rules: none → \/ca\* 0$/);
    const second = await send(30);
    write("sampling:\n  rules:\n    - {path: /other, drop: true}\n");
    await said(/agent\.yaml: sampling\.rules: \/ca\* 0 → \/other 0$/);
    const third = await send(30);
    assert.equal((await spansOf(third, 60)).length, 60);
    assert.equal(await settle(second, 0), 0);
    await finish();
  });

  test("headers that become attributes", async () => {
    await start("{}\n");
    const captured = async (mark: string) => {
      await fetch(call(mark), { headers: { "x-test": "7" } });
      const server = (await spansOf(mark, 2)).find(({ kind }) => kind === "server");
      return server?.attributes["http.request.header.x-test"];
    };
    assert.equal(await captured("headers-none"), undefined);
    write("headers: {server: {request: [X-Test]}}\n");
    await said(/agent\.yaml: headers\.server\.request: none → x-test$/);
    assert.deepEqual(await captured("headers-some"), ["7"]);
    write("{}\n");
    await said(/agent\.yaml: headers\.server\.request: x-test → none$/);
    assert.equal(await captured("headers-again"), undefined);
    await finish();
  });

  test("the log level", async () => {
    const running = await start("log_level: info\n");
    write("log_level: debug\n");
    await said(/agent\.yaml: log_level: info → debug$/);
    write("log_level: error\n");
    await said(/agent\.yaml: log_level: debug → error$/);
    const length = running.stderr().length;
    write("log_level: error\nsampling: {ratio: 0.1}\n");
    running.running.child.kill("SIGHUP");
    await sleep(2500);
    assert.equal(running.stderr().length, length, "nothing is said below errors");
    write("log_level: [\n");
    await said(/error: .*agent\.yaml:1:12: /);
  });

  test("a bad file changes nothing, is told once with line and column, and the next good one is taken", async () => {
    const running = await start("sampling: {ratio: 1}\n");
    await background();
    write("sampling:\n  ratio: 0\n  rate: 1\n");
    await said(/error: .*agent\.yaml:3:3: unknown key "rate"$/);
    await said(/still works: the running agent keeps the settings that it has$/);
    writeFileSync(file, "sampling:\n  ratio: 0\n  rate: 1\n");
    const mark = await send(100);
    assert.equal((await spansOf(mark, 200)).length, 200);
    rmSync(file);
    await said(/agent\.yaml can't be read$/);
    assert.equal(running.stderr().match(/unknown key/g)?.length, 1);
    running.running.child.kill("SIGHUP");
    await said(/agent\.yaml can't be read$/, 2);
    write("sampling: {ratio: 0}\n");
    await said(/agent\.yaml: sampling: 1 → 0$/);
    await finish();
  });

  test("a file that is being written is not taken before it is whole", async () => {
    const running = await start("sampling: {ratio: 0.5}\n");
    for (let i = 0; i < 24; i++) {
      writeFileSync(file, "");
      await sleep(120);
      writeFileSync(file, `sampling: {ratio: 0.5}\n# ${i}\n`);
      await sleep(120);
    }
    writeFileSync(file, "sampling: {ratio: 0.25}\n");
    await said(/agent\.yaml: sampling: 0\.5 → 0\.25$/);
    assert.equal(running.stderr().match(/sampling: /g)?.length, 1, running.stderr());
    await finish();
  });

  test("what a flag or variable says stays, and so does what isn't live", async () => {
    await start("log_level: info\nservice: {name: a}\n", { OTEL_LOG_LEVEL: "info" });
    write("log_level: debug\nservice: {name: b}\notlp: {headers: {api-key: hunter2}}\n");
    await said(/agent\.yaml: log_level has no effect: OTEL_LOG_LEVEL beats it$/);
    await said(/agent\.yaml: otlp\.headers, service\.name: change only at the agent's next start$/);
    const { account } = await finish();
    assert.ok(account.line !== undefined);
  });

  test("a mounted ConfigMap: the folder behind a link is another", async () => {
    const mount = join(directory, "mount");
    mkdirSync(join(mount, "v1"), { recursive: true });
    mkdirSync(join(mount, "v2"));
    writeFileSync(join(mount, "v1", "agent.yaml"), "sampling: {ratio: 1}\n");
    writeFileSync(join(mount, "v2", "agent.yaml"), "sampling: {ratio: 0.25}\n");
    symlinkSync("v1", join(mount, "..data"));
    symlinkSync("..data/agent.yaml", join(mount, "agent.yaml"));
    await start("", {}, join(mount, "agent.yaml"));
    symlinkSync("v2", join(mount, "..data_tmp"));
    renameSync(join(mount, "..data_tmp"), join(mount, "..data"));
    await said(/mount\/agent\.yaml: sampling: 1 → 0\.25$/);
    await finish();
  });

  test("200 reloads and 20 libraries off and on under load: memory and descriptors stay", async () => {
    const running = await start("sampling: {ratio: 1}\n", { OTEL_TRACES_EXPORTER: "none" });
    await background();
    const reload = async (text: string, expected: RegExp, times: number) => {
      writeFileSync(file, text);
      running.running.child.kill("SIGHUP");
      await said(expected, times);
    };
    const reloads = async (from: number, to: number) => {
      for (let i = from; i <= to; i++) {
        await reload("sampling: {ratio: 0.5}\n", /sampling: 1 → 0\.5$/, i);
        await reload("sampling: {ratio: 1}\n", /sampling: 0\.5 → 1$/, i);
      }
    };
    const toggles = async (from: number, to: number) => {
      for (let i = from; i <= to; i++) {
        await reload("sampling: {ratio: 1}\ndisable: [http/client]\n", /net\/http client: detached from/, i);
        await reload("sampling: {ratio: 1}\n", /net\/http client: attached to process/, i);
      }
    };
    await reloads(1, 5);
    await toggles(1, 3);
    const before = figures(running.running.pid);
    await reloads(6, 100);
    await toggles(4, 20);
    await sleep(1000);
    const now = figures(running.running.pid);
    assert.equal(now.descriptors, before.descriptors);
    assert.ok(
      now.kilobytes < before.kilobytes + 30_000,
      `${before.kilobytes} kB before, ${now.kilobytes} kB now`,
    );
    await finish();
  });
});

function figures(pid: number): { descriptors: number; kilobytes: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return {
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    kilobytes: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]),
  };
}
