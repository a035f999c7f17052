/** A program whose handlers start goroutines in all ways, traced: test/libraries/goroutines/app. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent as Agents, type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { buildGo } from "../../fixtures/go-binaries.ts";
import { type Account, type Agent, isBalanced, repository, startAgent } from "./agent.ts";
import { entriesOf } from "./bpf-maps.ts";
import { type Collector, type ReceivedSpan, startCollector } from "./collector.ts";
import { sleep } from "./process.ts";
import { type Server, startExecutable } from "./server.ts";

const source = join(repository, "test", "libraries", "goroutines", "app");
const patient = 30_000;

/** By path: what its goroutines begin with. */
export const fanoutFunctions = {
  func: ["main.serveFunc.func1"],
  arguments: ["main.work"],
  method: ["main.(*service).run"],
  value: ["main.(*service).value"],
  group: ["golang.org/x/sync/errgroup.(*Group).Go.func1"],
  nested: ["main.serveNested.func1", "main.serveNested.func1.1"],
  panics: ["main.servePanics.func1"],
  both: ["main.both"],
  outlives: ["main.serveOutlives.func1"],
  later: ["main.serveLater.func1"],
};

/** Goroutines of these wait until they are released. */
const waiting = new Set(["outlives", "later"]);

/** Its requests come one after the other. */
export function oneConnection(): Agents {
  return new Agents({ keepAlive: true, maxSockets: 1 });
}

export function fromSpans(spans: readonly ReceivedSpan[]) {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const parentOf = ({ parentSpanId }: ReceivedSpan) => byId.get(parentSpanId);
  /** Of a request's span, or one that is linked to. */
  const caseOf = ({ spanId }: { readonly spanId: string }) =>
    /case=(\w+)/.exec(String(byId.get(spanId)?.attributes["url.query"]))?.[1];
  return { parentOf, caseOf };
}

export interface Fanout {
  readonly collector: Collector;
  readonly agent: Agent;
  readonly server: Server;
  /** On one connection, all of whose requests are served by one goroutine. */
  get(path: string, mark: string, connection?: Agents): Promise<void>;
  /** Each path once. */
  sendAll(mark: string): Promise<void>;
  /** Until these functions' goroutines have spans. */
  learn(names: readonly string[]): Promise<void>;
  collect(marks: readonly string[], places: readonly string[]): Promise<ReceivedSpan[]>;
  /** All that began is accounted for, and of goroutines that have not returned nothing but this many is left. */
  finish(unended?: number): Promise<Account>;
}

interface Cleaned {
  after(clean: () => unknown): void;
}

export interface FanoutOptions {
  readonly go: string;
  readonly stripped?: boolean;
  readonly goroutines?: "links" | "spans";
  readonly processors?: number;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export async function startFanout(
  t: Cleaned,
  { go, stripped = true, goroutines, processors = 1, args = [], env = {} }: FanoutOptions,
): Promise<Fanout> {
  const flags = stripped ? ["-ldflags=-s -w"] : [];
  const [collector, executable] = await Promise.all([startCollector(), buildGo({ go, source, flags })]);
  t.after(() => collector.stop());
  const server = await startExecutable(executable, [], {
    env: { ...process.env, GOMAXPROCS: String(processors) },
  });
  t.after(() => server.stop());
  const agent = await startAgent({
    pid: server.running.pid,
    endpoint: collector.httpEndpoint,
    args: ["--log-level", "debug", ...args],
    env: { ...(goroutines ? { OTEL_GO_AUTO_GOROUTINES: goroutines } : {}), ...env },
  });
  t.after(() => agent.running.stop("SIGKILL"));

  const own = oneConnection();
  t.after(() => own.destroy());

  async function get(path: string, mark: string, connection = own): Promise<void> {
    const url = `http://127.0.0.1:${server.ports.h1}/${path}?case=${mark}`;
    const response = await new Promise<IncomingMessage>((resolve, reject) =>
      request(url, { agent: connection }, resolve).on("error", reject).end(),
    );
    response.resume();
    await once(response, "end");
    assert.equal(response.statusCode, 200);
  }

  async function sendAll(mark: string): Promise<void> {
    const paths = [...Object.keys(fanoutFunctions), "pool", "timer"];
    for (const path of paths) {
      await get(path, mark);
      // Behind the response of another request of the same connection.
      if (waiting.has(path)) {
        await get("pool", `${mark}between`);
        await get("release", `${mark}release`);
      }
    }
  }

  async function learn(names: readonly string[]): Promise<void> {
    const isLearned = (name: string) =>
      agent.stderr().includes(`those that begin with ${name} have spans from now on`);
    const deadline = Date.now() + patient;
    // Of a goroutine that another has started only the second shows whose it is.
    while (!names.every(isLearned)) {
      assert.ok(Date.now() < deadline, `${names.filter((name) => !isLearned(name))}: ${agent.stderr()}`);
      await sendAll("learning");
      await sleep(200);
    }
  }

  async function collect(marks: readonly string[], places: readonly string[]): Promise<ReceivedSpan[]> {
    const wantedNames = marks.flatMap((mark) => places.map((place) => `DELETE ${place}_${mark}`));
    await collector.waitFor((all) => {
      const names = new Set(all.map(({ name }) => name));
      return wantedNames.every((name) => names.has(name));
    }, patient);
    // Those of goroutines come when they end.
    await sleep(1000);
    return collector.spans();
  }

  async function finish(unended = 0): Promise<Account> {
    const left = entriesOf(agent.running.pid);
    const { account, code } = await agent.stop();
    assert.equal(code, 0);
    assert.ok(isBalanced(account), account.line);
    const wanted = ["goroutine_spans", "open_requests", "open_spans"].map((name) => left[name] ?? 0);
    assert.deepEqual(wanted, [unended, 0, 0], JSON.stringify(left));
    return account;
  }

  return { collector, agent, server, get, sendAll, learn, collect, finish };
}
