/**
 * gRPC while everything goes wrong: a thousand calls and streams at a time, many of them cancelled, left or too late,
 * and a server that is killed and started again. Whatever happens, the agents know what became of each call.
 */
import assert from "node:assert/strict";
import { chmod, copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { type Agent, isBalanced, readAccount, spawnAgent, startAgent } from "./support/agent.ts";
import { entriesOf } from "./support/bpf-maps.ts";
import { type Collector, startCollector } from "./support/collector.ts";
import { buildGrpc, newestGrpc, startFront } from "./support/grpc.ts";
import { sendLoad } from "./support/load.ts";
import { freePorts, type Running, sleep, stopAll } from "./support/process.ts";
import { type Server, startExecutable } from "./support/server.ts";

const rounds = 4;
/** For each kind of trouble in each round; all kinds at the same time. */
const requests = 1000;
const connections = 200;

/** What calls are like: see test/libraries/google.golang.org/grpc/app. None of them waits for ever. */
const troubles = [
  "timeout=5000",
  "timeout=5000&kind=bidi&say=sleep+5",
  "timeout=20&kind=bidi&say=slow",
  "cancel=10&kind=client-stream&say=slow",
  "timeout=5000&kind=bidi&abandon=1",
  "timeout=5000&say=panic",
  "timeout=5000&fresh=1&say=error+14",
];

/** Those that nothing happens to, once the agent has found the new server. */
const calm = "timeout=20000&wait=1&strict=1";

let collector: Collector;
let directory: string;
let port: number;
before(async () => {
  collector = await startCollector();
  directory = await mkdtemp(join(tmpdir(), "otel-go-auto-chaos-"));
  [port = 0] = await freePorts(1);
});
after(async () => {
  await stopAll();
  await collector?.stop();
  await rm(directory, { recursive: true, force: true });
});

test(`${rounds} rounds of ${troubles.length * requests} calls, the server killed in each`, async (t) => {
  // By its own path, so that the other agent finds each server that is started, and not the client.
  const executable = join(directory, "back");
  await copyFile(await buildGrpc(newestGrpc), executable);
  await chmod(executable, 0o755);
  let back = await startBack(executable);
  const front = await startFront(newestGrpc, { plain: `127.0.0.1:${port}` });
  const agents = await attach(front, executable);
  const pids = [agents.client.running.pid, agents.server.pid];
  const atFirst = pids.map(entriesOf);
  for (let round = 1; round <= rounds; round++) {
    const load = Promise.all(troubles.map((query) => send(front, query)));
    await sleep(500);
    await back.stop("SIGKILL");
    await sleep(200);
    back = await startBack(executable);
    await load;
    await agents.server.waitFor(new RegExp(`(attached to process[^]*){${round + 1}}`), 60_000);
    await send(front, calm);
    // What is open has a place in some table: nothing is.
    await settled(pids, atFirst);
  }

  const { account: client } = await agents.client.stop();
  const { code } = await agents.server.stop("SIGINT", 30_000);
  const server = readAccount(agents.server.stderr());
  t.diagnostic(client.line);
  t.diagnostic(server.line);
  assert.equal(code, 0, agents.server.stderr());
  assert.ok(isBalanced(client), client.line);
  assert.ok(isBalanced(server), server.line);
  // A span for each request, and one for its call.
  assert.equal(client.requests, 2 * rounds * (troubles.length + 1) * requests, client.line);
  assert.ok(server.exported >= rounds * requests, server.line);
  const spans = await collector.waitFor((all) => all.length >= client.exported + server.exported, 60_000);
  assert.equal(spans.length, client.exported + server.exported);
});

/** Waits for the entries of the agents' tables to be those that they had before. */
async function settled(pids: readonly number[], before: readonly Record<string, number>[]): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!isDeepStrictEqual(pids.map(entriesOf), before) && Date.now() < deadline) await sleep(200);
  assert.deepEqual(pids.map(entriesOf), before);
}

interface Agents {
  readonly client: Agent;
  readonly server: Running;
}

async function attach(front: Server, executable: string): Promise<Agents> {
  const server = spawnAgent(["--endpoint", collector.httpEndpoint], { OTEL_GO_AUTO_TARGET_EXE: executable });
  await server.waitFor(/attached to process/, 60_000);
  const client = await startAgent({ pid: front.running.pid, endpoint: collector.httpEndpoint });
  return { client, server };
}

function startBack(executable: string): Promise<Server["running"]> {
  return startExecutable(executable, ["-back", "-plain", `127.0.0.1:${port}`]).then(({ running }) => running);
}

async function send({ ports }: Server, query: string): Promise<void> {
  const url = `http://127.0.0.1:${ports.h1}/call?${query}`;
  const { failed, errors } = await sendLoad({ url, connections, requests });
  assert.deepEqual([failed, errors], [0, {}], query);
}
