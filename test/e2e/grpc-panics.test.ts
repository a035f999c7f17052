/**
 * Calls that panic on goroutines which end behind that: no code of the program runs that would show their end, and yet
 * they don't take the places of those that come later.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Agent, isBalanced, startAgent } from "./support/agent.ts";
import { entriesOf } from "./support/bpf-maps.ts";
import { type Collector, startCollector } from "./support/collector.ts";
import { type GrpcProgram, newestGrpc, startGrpc } from "./support/grpc.ts";
import { sleep, stopAll } from "./support/process.ts";

/** Most of what the tables hold, 8,192, and more than that in two rounds. */
const panics = 7000;
/** At a time, each on a goroutine of its own: so many structs of goroutines are used again and again. */
const fan = 100;

let collector: Collector;
let program: GrpcProgram;
let agent: Agent;
before(async () => {
  [collector, program] = await Promise.all([startCollector(), startGrpc(newestGrpc)]);
  const { pid } = program.front.running;
  agent = await startAgent({ pid, endpoint: collector.httpEndpoint });
});
after(async () => {
  await agent?.running.stop("SIGKILL");
  await program?.stop();
  await collector?.stop();
  await stopAll();
});

async function call(query: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${program.front.ports.h1}/call?strict=1&${query}`);
  assert.equal(response.status, 200, response.headers.get("said") ?? "");
}

test(`twice ${panics} calls that panic: their places are given back, and each of them is counted`, async () => {
  for (let round = 0; round < 2; round++) {
    for (let sent = 0; sent < panics; sent += 10 * fan) await call(`kind=panic&fan=${fan}&times=10`);
    await settled();
  }
  await call("times=200");
  const { code, account } = await agent.stop();
  assert.equal(code, 0, agent.stderr());
  assert.ok(isBalanced(account), account.line);
  // The requests that ask for them, and the good calls.
  assert.equal(account.exported, (2 * panics) / (10 * fan) + 1 + 200, account.line);
  assert.doesNotMatch(account.line, /too many requests at once/);
  const [, ended = "0"] = /([\d,]+) dropped \(end not seen\)/.exec(account.line) ?? [];
  const [, running = "0"] = /([\d,]+) still running/.exec(account.line) ?? [];
  const number = (text: string) => Number(text.replaceAll(",", ""));
  assert.equal(number(ended) + number(running), 2 * panics, account.line);
});

/** Waits for the tables to have given up almost all: structs of goroutines that nobody uses again are not known to be free. */
async function settled(): Promise<void> {
  const deadline = Date.now() + 60_000;
  const left = () => {
    const { grpc_client_operations: calls = 0, open_spans: spans = 0 } = entriesOf(agent.running.pid);
    return Math.max(calls, spans);
  };
  while (left() > 10 * fan && Date.now() < deadline) await sleep(500);
  assert.ok(left() <= 10 * fan, `${left()} are left`);
}
