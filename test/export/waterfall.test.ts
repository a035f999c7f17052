import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import pc from "picocolors";
import { drawTrace } from "../../src/export/waterfall.ts";
import { Double } from "../../src/libraries/span-parts.ts";
import type { SpanRecord } from "../../src/spans/types.ts";
import { record } from "./support/records.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const second = 1_790_000_000;
const plain = pc.createColors(false);

/** Times in milliseconds after the trace's start. */
function span(
  parts: Partial<SpanRecord> & { id?: string; parent?: string; from?: number; to?: number },
): SpanRecord {
  const { id = "a1", parent, from = 0, to = 8, ...rest } = parts;
  return record({
    traceId,
    spanId: id.padEnd(16, "0"),
    parentSpanId: parent?.padEnd(16, "0"),
    startTime: [second, from * 1e6],
    endTime: [second, to * 1e6],
    attributes: {},
    ...rest,
  });
}

function lines(spans: SpanRecord[], width = 80, colors = plain): string[] {
  return drawTrace(spans, { width, colors }).split("\n").slice(0, -1);
}

const shop = {
  "http.request.method": "GET",
  "http.route": "/items/{id}",
  "url.path": "/items/5",
  "http.response.status_code": 200,
  "client.address": "127.0.0.1",
};

describe("waterfall", () => {
  test("a trace of three spans at 80 columns", () => {
    const trace = [
      span({
        id: "c3",
        parent: "a1",
        name: "SELECT items",
        kind: SpanKind.CLIENT,
        from: 4,
        to: 8,
        attributes: { "db.system.name": "postgresql" },
      }),
      span({ id: "a1", parent: "00f067aa0ba902b7", parentIsRemote: true, attributes: shop }),
      span({
        id: "b2",
        parent: "a1",
        name: "check",
        kind: SpanKind.INTERNAL,
        from: 0,
        to: 2,
        status: { code: SpanStatusCode.ERROR, message: "no key" },
      }),
    ];
    const [header = "", ...rows] = lines(trace);
    assert.match(
      header,
      /^\d\d:\d\d:\d\d\.000 {2}shop {2}8\.00 ms {2}trace 4bf92f3577b34da6a3ce929d0e0e4736$/,
    );
    assert.deepEqual(rows, [
      "  remote parent 00f067aa0ba902b7",
      "  GET /items/{id}           server    █████████████████████████   8.00 ms  200",
      "    path /items/5 · client 127.0.0.1",
      "    check                   internal  ██████                      2.00 ms  error",
      "      no key",
      "    SELECT items            client                 ████████████   4.00 ms",
      "      db postgresql",
    ]);
  });

  test("calls of gRPC: OK behind the bar, another status below, an error named once", () => {
    const call = {
      "rpc.system.name": "grpc",
      "rpc.service": "shop.Stock",
      "rpc.method": "Get",
      "client.address": "127.0.0.1",
    };
    const of = (status: string, more: Partial<SpanRecord> = {}, attributes: SpanRecord["attributes"] = {}) =>
      lines([
        span({
          name: "shop.Stock/Get",
          ...more,
          attributes: { ...call, "rpc.response.status_code": status, ...attributes },
        }),
      ]).slice(1);
    assert.deepEqual(of("OK", {}, { "rpc.messages.sent": 3, "rpc.messages.received": 0 }), [
      "  shop.Stock/Get            server    █████████████████████████   8.00 ms  OK",
      "    rpc Get · sent 3 · received 0 · client 127.0.0.1",
    ]);
    const sent = { "client.address": undefined, "server.address": "stock" };
    assert.equal(of("OK", { kind: SpanKind.CLIENT }, sent)[1], "    rpc Get · server stock");
    assert.equal(of("OK", {}, { "server.address": "stock" })[1], "    rpc Get · client 127.0.0.1");
    assert.match(of("NOT_FOUND").join("\n"), / ms\n +rpc Get · status NOT_FOUND · client 127\.0\.0\.1$/);
    const failed = of(
      "INTERNAL",
      { status: { code: SpanStatusCode.ERROR, message: "boom" } },
      { "error.type": "INTERNAL" },
    );
    assert.match(
      failed.join("\n"),
      / ms {2}error\n +rpc Get · status INTERNAL · client 127\.0\.0\.1 · boom$/,
    );
  });

  test("a function without the path of its package, and what the program's own spans tell below", () => {
    const reserve = "example.com/shop/stock.(*Store[example.com/shop/model.Item]).Reserve";
    const attributes = {
      "code.function.name": reserve,
      "error.type": "*errors.errorString",
      "order.id": "17",
      price: new Double(3),
      parts: ["a", "b"],
      raw: Uint8Array.of(0, 255),
      map: new Map([["k", 2n ** 60n]]),
    };
    assert.deepEqual(
      lines([span({ name: `go ${reserve}`, kind: SpanKind.INTERNAL, attributes })], 110).slice(1),
      [
        "  go stock.(*Store[example.com/shop/model.Ite…  internal  ███████████████████████████████████   8.00 ms",
        "    error *errors.errorString",
        "    order.id 17 · price 3 · parts a,b · raw AP8= · map k=1152921504606846976",
      ],
    );
  });

  test("of a message its place and key, of several how many", () => {
    const of = (name: string, attributes: SpanRecord["attributes"]) =>
      lines([
        span({
          name,
          attributes: {
            "messaging.system": "kafka",
            "messaging.destination.name": "orders",
            "server.address": "broker",
            ...attributes,
          },
        }),
      ]).at(-1);
    const place = { "messaging.destination.partition.id": "0", "messaging.kafka.offset": 7 };
    assert.equal(
      of("process orders", { ...place, "messaging.kafka.message.key": "acme" }),
      "    messaging kafka · partition 0 · offset 7 · key acme",
    );
    assert.equal(
      of("send orders", { "messaging.batch.message_count": 12 }),
      "    messaging kafka · messages 12",
    );
  });

  for (const width of [20, 72, 80, 100, 160, 1000]) {
    test(`no line is wider than ${width} columns (72 at least, 160 at most)`, () => {
      const deep = Array.from({ length: 30 }, (_, i) =>
        span({
          id: `d${i}`,
          ...(i > 0 && { parent: `d${i - 1}` }),
          name: `GET /a/very/long/route/with/{many}/{parts}/that/goes/on/and/on/${i}`,
          attributes: { ...shop, "url.path": "/x".repeat(500), "error.type": "*errors.errorString" },
        }),
      );
      const drawn = lines(deep, width);
      assert.equal(drawn.length, 1 + 30 * 2);
      const widest = Math.max(...drawn.map((line) => [...line].length));
      assert.ok(widest <= Math.min(Math.max(width, 72), 160), `${widest} wide`);
    });
  }

  test("what the target says cannot move the cursor, colour the screen or begin a new line", () => {
    const evil = "\u001b[2J\u001b]0;title\u0007\r\n\u0000\u202e\u2028\u009b31m";
    const drawn = lines([
      span({
        name: `GET ${evil}`,
        parent: `b${evil}`,
        traceId: `c${evil}`,
        attributes: {
          "url.path": `p${evil}`,
          "error.type": `e${evil}`,
          "http.request.method": `m${evil}`,
          "http.route": [`r${evil}`] as never,
        },
        status: { code: SpanStatusCode.ERROR, message: evil },
        resource: { attributes: { "service.name": evil } } as never,
      }),
    ]);
    assert.equal(drawn.length, 4);
    assert.doesNotMatch(drawn.join(""), /[\p{Cc}\p{Cf}\u2028]/u);
  });

  test("colours: errors red, the rest by kind and status; none when they are off", () => {
    const colors = pc.createColors(true);
    const failed = drawTrace(
      [span({ status: { code: SpanStatusCode.ERROR }, attributes: { "http.response.status_code": 500 } })],
      { width: 80, colors },
    );
    assert.ok(failed.includes(colors.red("500")));
    const fine = drawTrace([span({ attributes: shop })], { width: 80, colors });
    assert.ok(fine.includes(colors.green("200")));
    assert.ok(!fine.includes("\u001b[31m"));
    assert.ok(!drawTrace([span({ attributes: shop })], { width: 80, colors: plain }).includes("\u001b"));
  });

  test("spans without time, or with an end before the start, are drawn", () => {
    assert.match(lines([span({ to: 0 })])[1] ?? "", /█ +0 ns/);
    for (const line of lines([span({ from: 8, to: 0 }), span({ id: "b", to: 8 })]))
      assert.ok([...line].length <= 80);
  });

  test("spans that are each other's parents are drawn once each", () => {
    const drawn = lines([
      span({ id: "a", parent: "b" }),
      span({ id: "b", parent: "a" }),
      span({ id: "c", parent: "c" }),
    ]);
    assert.equal(drawn.filter((line) => line.includes("GET /items/{id}")).length, 3);
  });

  test("a span's events by their names, three of them", () => {
    const events = ["miss", "exception", "retry\u001b[2J", "hit", "done"].map((name) => ({
      name,
      time: [second, 0] as [number, number],
      attributes: {},
      droppedAttributes: 0,
    }));
    assert.match(
      lines([span({ events })]).join("\n"),
      /event miss · event exception · event retry\S* · 2 more events/,
    );
  });

  test("a log record by what it says", () => {
    const record = (attributes: Record<string, string>, name = "log") => ({
      name,
      time: [second, 0] as [number, number],
      attributes,
      droppedAttributes: 0,
    });
    const events = [
      record({ "log.severity": "INFO", "log.message": "order\u001b[2J placed" }),
      record({ "log.message": "without a level" }),
      record({ "log.message": "of another kind" }, "entry"),
    ];
    assert.match(
      lines([span({ events })]).join("\n"),
      /INFO order\S* placed · without a level · event entry$/m,
    );
  });

  test("a parent that was not seen is named as such", () => {
    assert.equal(lines([span({ parent: "00f067aa0ba902b7" })])[1], "  parent not seen: 00f067aa0ba902b7");
  });
});
