import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Agent, isBalanced, startAgent } from "./agent.ts";
import { type Facts, fill } from "./cases.ts";
import { type Done, sendAll } from "./client.ts";
import { type Collector, type ReceivedSpan, startCollector } from "./collector.ts";
import { sleep } from "./process.ts";
import { isBefore, type Server } from "./server.ts";
import {
  bornOfTheDead,
  countSpans,
  fillTrees,
  readTreeCases,
  type TreeCase,
  treesOf,
  withoutRoute,
} from "./trees.ts";

/** A traced program, and what its cases may speak of beyond their own facts. */
export interface TracedProgram {
  /** Its listener "h1" takes the requests. */
  readonly server: Server;
  /** Processes that are traced; the server when left out. */
  readonly pids?: readonly number[];
  readonly facts: Facts;
  /** Stops it and what it needs. */
  stop(): Promise<unknown>;
}

export interface TreeRun {
  /** For example "net/http client, Go 1.26.8". */
  readonly title: string;
  /** Path of its cases.yaml: trees.ts. */
  readonly cases: string;
  /** Version of the toolchain that builds the program. */
  readonly go: string;
  readonly start: () => Promise<TracedProgram>;
  /** The program's spans of requests have no route: Go before 1.22, or go.mod says so. */
  readonly withoutRoutes?: boolean;
  /** Cases that this program can't do. */
  readonly omit?: (item: TreeCase) => boolean;
  /** Query parameters that each request of a copy gets beside its own. */
  readonly query?: (copy: { readonly from: string }) => string;
  /** What the answer to a copy's first request says that its spans shall say too. */
  readonly answered?: (done: Done) => Facts;
  /** Environment of the agent. */
  readonly env?: Readonly<Record<string, string>>;
}

interface Copy {
  readonly mark: string;
  /** Id of a trace that a request may pass on. */
  readonly trace: string;
  readonly from: string;
  done: readonly Done[];
}

const host = "127.0.0.1";
const learner: Copy = { mark: "", trace: "9".repeat(32), from: host, done: [] };
/** Both ends of a comparison come from one clock, but the agent corrects the offset to wall-clock time meanwhile. */
const tolerance = 1_000_000n;
/** Milliseconds in which the agent puts a probe where it has learned that one belongs. */
const learning = 1000;

/**
 * Registers a test for each case of a file: the program is started and traced once, and all spans compared. What several
 * runs share is the caller's to stop, and what a run leaves behind that fails as it starts (stopAll).
 */
export function describeTrees(run: TreeRun): void {
  const cases = readTreeCases(run.cases)
    .filter(({ since }) => !isBefore(run.go, since))
    .filter((item) => !run.omit?.(item));
  describe(run.title, () => {
    let collector: Collector;
    let program: TracedProgram;
    let agent: Agent;
    let spans: readonly ReceivedSpan[];
    const copies = new Map<TreeCase, readonly Copy[]>();

    before(async () => {
      [collector, program] = await Promise.all([startCollector(), run.start()]);
      agent = await startAgent({
        pid: program.pids ?? program.server.running.pid,
        endpoint: collector.httpEndpoint,
        env: run.env ?? {},
      });
      const port = program.server.ports.h1 ?? 0;
      for (const [number, item] of cases.entries()) {
        if (item.learns) {
          await send(run, item, { ...learner, mark: `learning-${number}.` }, port);
          await sleep(learning);
        }
        const own = Array.from({ length: item.copies }, (_, copy) => ({
          mark: `c${number}-${copy}.`,
          trace: `${number * 1000 + copy + 1}`.padStart(32, "a"),
          from: `127.2.${number}.${copy + 1}`,
          done: [],
        }));
        await Promise.all(own.map((copy) => send(run, item, copy, port)));
        copies.set(item, own);
      }
      await collector.waitFor((all) => isWhole(all, copies));
    });

    after(async () => {
      await agent?.running.stop("SIGKILL");
      await program?.stop();
      await collector?.stop();
    });

    test("the end: exit code 0, and an account that balances", async () => {
      const { code, account } = await agent.stop();
      assert.equal(code, 0, agent.stderr());
      assert.ok(isBalanced(account), account.line);
      // The collector's file comes after its answer.
      spans = await collector.waitFor((all) => all.length >= account.exported);
      assert.equal(account.exported, spans.length, account.line);
    });

    for (const item of cases)
      test(item.name, () => {
        for (const copy of copies.get(item) ?? [])
          assert.deepEqual(treesOf(spans, copy), expectedOf(run, item, factsOf(run, item, copy, program)));
      });

    test("no span begins after its parent has ended", () => {
      assert.deepEqual(bornOfTheDead(spans, tolerance), []);
    });
  });
}

/** Whether each copy has as many spans as it shall have: what another one has too many of may not stand in for them. */
function isWhole(spans: readonly ReceivedSpan[], copies: ReadonlyMap<TreeCase, readonly Copy[]>): boolean {
  return [...copies].every(([{ expect }, own]) =>
    own.every((copy) => countSpans(treesOf(spans, copy)) >= countSpans(expect)),
  );
}

function expectedOf({ withoutRoutes }: TreeRun, { expect }: TreeCase, facts: Facts) {
  return fillTrees(withoutRoutes ? expect.map(withoutRoute) : expect, facts);
}

async function send(run: TreeRun, { requests }: TreeCase, copy: Copy, port: number): Promise<void> {
  const marked = requests.map((request) => ({ ...request, path: markedPath(run, request.path, copy) }));
  copy.done = await sendAll("h1", { host, port, from: copy.from }, marked);
}

function markedPath({ query }: TreeRun, path = "/", { mark, from, trace }: Copy): string {
  const parameters = [...(query ? [query({ from })] : []), `case=${mark}`];
  const whole = `${path}${path.includes("?") ? "&" : "?"}${parameters.join("&")}`;
  return fill(whole, { mark, from, trace });
}

function factsOf(run: TreeRun, { requests }: TreeCase, copy: Copy, program: TracedProgram): Facts {
  const [path = "", query = ""] = markedPath(run, requests[0]?.path, copy).split("?");
  const { mark, from, trace, done } = copy;
  return {
    ...program.facts,
    ...(done[0] ? run.answered?.(done[0]) : {}),
    mark,
    from,
    trace,
    path,
    query,
    serverAddress: host,
    serverPort: program.server.ports.h1 ?? 0,
    clientAddress: from,
    clientPort: done[0]?.port ?? 0,
  };
}
