import assert from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before } from "node:test";
import { type Agent, isBalanced, startAgent } from "./agent.ts";
import { type Collector, type ReceivedSpan, startCollector } from "./collector.ts";
import { startClient } from "./http-client.ts";
import { type RunningLoad, sendLoad, startLoad } from "./load.ts";
import { sleep, stopAll } from "./process.ts";
import type { TracedProgram } from "./tree-run.ts";

const patient = 30_000;

/** A traced program, and an agent for each test whose config file changes while it runs. To be called in a suite. */
export function liveRun() {
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

  return { directory, file, call, start, write, said, spansOf, send, background, finish, settle };
}
