// Log records as events of the spans that they are written in, in whole programs.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Agent, isBalanced, startAgent } from "../../e2e/support/agent.ts";
import { type Collector, type ReceivedSpan, startCollector } from "../../e2e/support/collector.ts";
import { stopAll } from "../../e2e/support/process.ts";
import type { Server } from "../../e2e/support/server.ts";
import { type LogBuild, type Logger, logBuilds, startLogs } from "./program.ts";

after(stopAll);

const wanted = { OTEL_GO_AUTO_LOG_EVENTS: "true" };
const paths = ["levels", "call", "worker", "goroutines", "large", "odd", "special", "flood?n=200"];

/** Severity and message of each event. */
type Said = readonly (readonly [severity: unknown, message: unknown])[];

const said = (span: ReceivedSpan | undefined): Said =>
  (span?.events ?? []).map(({ attributes }) => [attributes["log.severity"], attributes["log.message"]]);
const info = (...messages: readonly string[]): Said => messages.map((message) => ["INFO", message]);

/** What is written in the handler of /special, by each logger. */
const specials: Readonly<Record<Logger, Said>> = {
  slog: [
    ["WARN+1", "between two levels"],
    ["INFO", "without a context"],
    ["INFO", "refused"],
  ],
  zap: [
    ["INFO", "checked"],
    ["INFO", "of 2 parts"],
    ["DPANIC", "it goes on"],
    ["PANIC", "panicked"],
  ],
  zerolog: [
    ["INFO", undefined],
    [undefined, "without a level"],
    ["PANIC", "panicked"],
  ],
};

for (const build of Object.values<LogBuild>(logBuilds))
  describe(`zap ${build.zap}, zerolog ${build.zerolog}, Go ${build.go}`, () => {
    let collector: Collector;
    let server: Server;
    let agent: Agent;
    let spans: readonly ReceivedSpan[];

    before(async () => {
      [collector, server] = await Promise.all([startCollector(), startLogs(build)]);
      agent = await startAgent({ pid: server.running.pid, endpoint: collector.httpEndpoint, env: wanted });
      for (const logger of build.loggers) for (const path of paths) await get(server, path, logger);
      if (build === logBuilds.newest) for (const logger of build.loggers) await get(server, "manual", logger);
      const { account } = await agent.stop();
      assert.ok(isBalanced(account), account.line);
      spans = await collector.waitFor((all) => all.length >= account.exported);
    });

    after(async () => {
      await server?.stop();
      await collector?.stop();
    });

    const request = (path: string, logger: Logger) =>
      spans.find(
        ({ kind, attributes }) =>
          kind === "server" &&
          attributes["url.path"] === `/${path}` &&
          String(attributes["url.query"]).includes(`logger=${logger}`),
      );
    const childOf = (parent: ReceivedSpan | undefined) =>
      spans.find(({ parentSpanId }) => parent && parentSpanId === parent.spanId);

    for (const logger of build.loggers)
      describe(logger, () => {
        const hasContext = logger === "slog" || (logger === "zerolog" && build.hasEventContext);

        test("what the level lets through, in order, while the span lasts", () => {
          const span = request("levels", logger);
          assert.ok(span);
          assert.deepEqual(said(span), [
            ["INFO", "informed"],
            ["WARN", "warned"],
            ["ERROR", "failed"],
          ]);
          for (const { name, time, attributes } of span.events) {
            assert.equal(name, "log");
            assert.ok(span.start <= time && time <= span.end, `${span.start} ${time} ${span.end}`);
            assert.equal(attributes["log.logger"], logger === "zap" ? "shop" : undefined);
          }
        });

        test("in a call that the request makes, and before and behind it", () => {
          const span = request("call", logger);
          assert.deepEqual(said(span), info("before", "after"));
          assert.deepEqual(said(childOf(span)), info("within"));
          assert.deepEqual(said(childOf(childOf(span))), []);
        });

        test("on other goroutines", () => {
          const all = info("goroutine 0", "goroutine 1", "goroutine 2", "goroutine 3");
          const found = said(request("goroutines", logger)).toSorted();
          // Without a context it isn't always sure that the request has started them.
          if (hasContext) assert.deepEqual(found, all);
          else assert.ok(found.every((one) => all.some((each) => each[1] === one[1])));
        });

        test("none on a goroutine that is no request's", () =>
          assert.deepEqual(said(request("worker", logger)), []));

        test("what only this logger can do", () =>
          assert.deepEqual(said(request("special", logger)), specials[logger]));

        test("messages of more than 1,024 bytes are cut between two characters", () => {
          assert.deepEqual(
            said(request("large", logger)),
            info("x".repeat(1024), `${"é".repeat(512)}…`, `y${"é".repeat(511)}…`),
          );
        });

        test("messages that are empty, or no text, and contexts that lead nowhere", () => {
          const { events = [] } = request("odd", logger) ?? {};
          assert.deepEqual(
            events.map(({ attributes }) => attributes["log.message"]),
            [undefined, "a��b\0c", "without a context", "of an odd context"],
          );
        });

        test("of 200 records of a span 128 are there, and the others counted", () => {
          const span = request("flood", logger);
          assert.equal(span?.events.length, 128);
          assert.equal(span?.droppedEvents, 72);
          assert.equal(said(span).at(-1)?.[1], "record 127");
        });

        test("in a span of the program's own, where a context leads to it and as long as it is open", (t) => {
          if (build !== logBuilds.newest) return t.skip("without such spans");
          const outer = request("manual", logger);
          const elsewhere = logger === "slog" ? [["WARN", "elsewhere in the span"]] : [];
          if (hasContext) {
            assert.deepEqual(said(childOf(outer)), [...info("in the span"), ...elsewhere]);
            assert.ok(said(outer).some(([, message]) => message === "of the request"));
          } else assert.deepEqual(said(childOf(outer)), []);
          const isLate = ([, message]: Said[number]) => message === "of a span that has ended";
          assert.equal(said(outer).some(isLate), !hasContext);
        });
      });

    test("no field of a record, and nothing that is filtered or beyond a cut, is anywhere", () => {
      const text = JSON.stringify(spans, (_, value) => (typeof value === "bigint" ? String(value) : value));
      assert.doesNotMatch(text, /secret|s3cret|not written|filtered|discarded/);
    });

    test("records before any request are nobody's", () => {
      assert.ok(spans.every((span) => said(span).every(([, message]) => message !== "before any request")));
    });
  });

async function get({ ports }: Server, path: string, logger: Logger): Promise<void> {
  const query = `${path.includes("?") ? "&" : "?"}logger=${logger}`;
  const response = await fetch(`http://127.0.0.1:${ports.h1}/${path}${query}`);
  assert.equal(await response.text(), "ok");
}
