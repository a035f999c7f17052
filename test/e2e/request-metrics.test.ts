// How long requests and calls take, as metrics: of all of them, though a tenth alone are sampled.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { scrape } from "../export/support/scrape.ts";
import { type Service, startService, urlOf } from "../service/service.ts";
import { type Account, isBalanced, startAgent } from "./support/agent.ts";
import {
  type Collector,
  type ReceivedPoint,
  type ReceivedSpan,
  startCollector,
} from "./support/collector.ts";
import { sendLoad } from "./support/load.ts";
import { type Postgres, startPostgres } from "./support/postgres.ts";
import { stopAll } from "./support/process.ts";

const requests = 1_000;
const names = [
  "http.server.request.duration",
  "http.client.request.duration",
  "db.client.operation.duration",
];

describe("request metrics", () => {
  let collector: Collector;
  let postgres: Postgres;
  let service: Service;
  let account: Account;
  let spans: readonly ReceivedSpan[];
  let last: ReadonlyMap<string, readonly ReceivedPoint[]>;
  let page: string;

  before(async () => {
    [collector, postgres] = await Promise.all([startCollector(), startPostgres()]);
    service = await startService("1.26.8", postgres.dsn);
    const agent = await startAgent({
      pid: service.orders.running.pid,
      endpoint: collector.httpEndpoint,
      args: ["--status-address", "127.0.0.1:0", "--service-name", "orders"],
      env: {
        OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
        OTEL_TRACES_SAMPLER_ARG: "0.1",
        OTEL_METRICS_EXPORTER: "otlp",
        OTEL_METRIC_EXPORT_INTERVAL: "300",
      },
    });
    const { failed } = await sendLoad({ url: `${urlOf(service.orders)}/lines/7`, connections: 4, requests });
    assert.equal(failed, 0);
    await collector.waitForPoints((all) => names.every((name) => total(all, name) >= requests), 30_000);
    const [, status = ""] = await agent.running.waitFor(/status at (http:\S+)/);
    const accept = "application/openmetrics-text";
    page = await (await fetch(`${status}/metrics`, { headers: { accept } })).text();
    const stopped = await agent.stop();
    assert.equal(stopped.code, 0, agent.stderr());
    account = stopped.account;
    spans = await collector.waitFor((all) => all.length >= account.exported);
    // The agent's last ones, which the collector has not written at once.
    const points = await collector.waitForPoints(
      (all) => lastValue(all, "exported") === account.exported && lastValue(all, "pending") === 0,
    );
    last = new Map(names.map((name) => [name, latest(points, name)]));
  });
  after(async () => {
    await postgres?.stop();
    await collector?.stop();
    await stopAll();
  });

  test("every request and call is measured, and counted once: a tenth exported, all others as not sampled", (t) => {
    t.diagnostic(account.line);
    assert.ok(isBalanced(account), account.line);
    assert.equal(account.requests, 3 * requests, account.line);
    assert.equal(account.exported + (account.others["not sampled"] ?? 0), 3 * requests, account.line);
    assert.equal(spans.length, account.exported);
    // Six standard deviations of 1,000 draws with probability 1/10, three spans each.
    assert.ok(Math.abs(account.exported / 3 - requests / 10) <= 57, account.line);
    for (const name of names) {
      const points = last.get(name) ?? [];
      assert.equal(
        points.length,
        1,
        `${name}: ${JSON.stringify(points.map(({ attributes }) => attributes))}`,
      );
      const [{ value, histogram } = fail()] = points;
      assert.equal(value, requests, name);
      assert.equal(
        histogram?.counts.reduce((sum, count) => sum + count, 0),
        requests,
      );
    }
  });

  test("as the conventions have them: unit, buckets and attributes", () => {
    const attributesOf = (name: string) => last.get(name)?.[0]?.attributes;
    assert.deepEqual(attributesOf("http.server.request.duration"), {
      "http.request.method": "GET",
      "url.scheme": "http",
      "http.route": "/lines/{id}",
      "http.response.status_code": 200,
      "network.protocol.version": "1.1",
    });
    assert.deepEqual(attributesOf("http.client.request.duration"), {
      "http.request.method": "GET",
      "server.address": "127.0.0.1",
      "server.port": service.stock.ports.h1,
      "http.response.status_code": 200,
      "network.protocol.version": "1.1",
    });
    assert.deepEqual(attributesOf("db.client.operation.duration"), {
      "db.system.name": "postgresql",
      "db.namespace": "shop",
      "db.operation.name": "SELECT",
      "db.collection.name": "pg_class",
      "db.query.summary": "SELECT pg_class",
      "server.address": "127.0.0.1",
      "server.port": postgres.port,
    });
    for (const name of names) {
      const [{ unit, kind, cumulative, histogram, resource, scope } = fail()] = last.get(name) ?? [];
      assert.deepEqual([unit, kind, cumulative], ["s", "histogram", true]);
      assert.equal(histogram?.boundaries.length, name.startsWith("db") ? 9 : 14);
      assert.equal(resource["process.pid"], service.orders.running.pid);
      assert.match(scope.name, /^otel-go-auto\/(net\/http|database)/);
    }
  });

  test("durations of sampled ones are those of their spans, and lead to them as exemplars", () => {
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    for (const name of names) {
      const histogram = last.get(name)?.[0]?.histogram ?? fail();
      assert.ok(histogram.exemplars.length > 0, name);
      for (const { value, traceId, spanId } of histogram.exemplars) {
        const span = byId.get(spanId) ?? fail();
        assert.equal(span.traceId, traceId);
        assert.ok(Math.abs(Number(span.end - span.start) / 1e9 - value) < 1e-9, name);
      }
      assert.ok((histogram.min ?? 0) > 0 && histogram.sum >= requests * (histogram.min ?? 0));
      assert.ok(histogram.sum <= requests * (histogram.max ?? 0));
    }
  });

  test("the agent's own, of a resource of its own", async () => {
    const own = (await collector.points()).filter(({ scope }) => scope.name === "otel-go-auto");
    assert.ok(own.every(({ resource }) => resource["service.name"] === "otel-go-auto"));
    // Sent behind the last span: the account and these are the same numbers.
    assert.equal(lastValue(own, "created"), account.exported);
    assert.equal(lastValue(own, "exported"), account.exported);
    assert.equal(lastValue(own, "unsampled"), account.others["not sampled"]);
    assert.equal(lastValue(own, "pending"), 0);
    const dropped = own.filter(({ name }) => name === "auto_instrument.spans.dropped");
    assert.equal(new Set(dropped.map(({ attributes }) => attributes.reason)).size, 10);
    assert.ok(
      dropped.every(({ value, kind, cumulative }) => value === 0 && kind === "counter" && cumulative),
    );
  });

  test("the same on /metrics", async () => {
    const { series } = await scrape(page, "openmetrics");
    for (const name of names) {
      const own = series.filter((one) => one.name.startsWith(`${name.replaceAll(".", "_")}_seconds`));
      const count = own.find((one) => one.name.endsWith("_count"));
      assert.equal(count?.value, requests, name);
      assert.equal(count?.labels.service_name, "orders");
      const examples = own.flatMap(({ exemplar }) => (exemplar ? [exemplar.labels.trace_id] : []));
      assert.ok(examples.length > 0, name);
      const traces = new Set(spans.map(({ traceId }) => traceId));
      assert.ok(examples.every((id) => id !== undefined && traces.has(id)));
    }
  });
});

function latest(points: readonly ReceivedPoint[], name: string): readonly ReceivedPoint[] {
  const own = points.filter((point) => point.name === name);
  const time = own.at(-1)?.time;
  return own.filter((point) => point.time === time);
}

function total(points: readonly ReceivedPoint[], name: string): number {
  return latest(points, name).reduce((sum, { value }) => sum + value, 0);
}

/** Of the agent's own count of spans of this name. */
function lastValue(points: readonly ReceivedPoint[], name: string): number | undefined {
  return points.filter((point) => point.name === `auto_instrument.spans.${name}`).at(-1)?.value;
}

function fail(): never {
  throw new Error("it is not there");
}
