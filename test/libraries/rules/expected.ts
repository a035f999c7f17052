/** What a round of calls of `app` gives under each of the two files of rules. */
import assert from "node:assert/strict";
import type { ReceivedSpan } from "../../e2e/support/otlp-json.ts";

type Attributes = ReceivedSpan["attributes"];

const order = { region: "north", customer: "Ada", vip: true, note: "fragile", items: 2, tags: 3 };
const error = (type: string) => ({ "error.type": type });
const depths = (most: number) => Array.from({ length: most + 1 }, (_, n) => ({ n, depth: n }));
const workers = [0, 1, 2, 3, 4, 5, 6, 7];

const wide = { a: -8, b: 65535, c: -70000, d: 2 ** 40, e: true, g: "seven", j: "ten", l: -12 };

/** By span name: the attributes of each span of one round, beside code.function.name. */
export const whole: Readonly<Record<string, readonly Attributes[]>> = {
  "place o-1": [
    { "order.id": "o-1", ...order, answer: "placed-o-1" },
    { "order.id": "o-1", ...order, answer: "", ...error("*errors.errorString") },
    { "order.id": "o-1", ...order, answer: "", ...error("*main.refused") },
  ],
  // Nil pointers lead to nothing.
  "place empty": [{ "order.id": "empty", region: "", items: 0, answer: "placed-empty" }],
  "main.Point.Move": [{ x: 3, y: 4, by: -5, label: "to-", "to.x": -2, "to.name": "to-p" }],
  "main.Wide": [wide],
  "main.Stacked": [{ head: "head", tail: 9, n: 21, "to.head": "head!", "to.tail": 10, twice: 42 }],
  map: [
    { in: 2, out: 2 },
    { in: 2, out: 2 },
  ],
  literal: [{}, {}, {}, {}],
  push: [
    { items: 0, count: 1 },
    { items: 1, count: 2 },
  ],
  depth: [...depths(3), ...workers.flatMap((id) => depths(id % 3))],
  risky: [{ n: 0 }, { n: 1, ...error("panic") }],
  guarded: [{ result: -1 }, { result: 0 }],
  inner: [{}, error("*main.refused")],
  outer: [{}, error("*main.refused")],
  save: [{ id: "s-1" }, { id: "s-2" }, { id: "s-3" }],
  "save all": [{ store: "*main.disk", ids: 3 }],
  describe: [
    { what: "string", err: "*main.refused", text: "whatrefused" },
    // Nil is nothing.
    { what: "int", text: "7 <nil>" },
  ],
  leaf: [{ n: 11 }],
  worker: workers.map((id) => ({ id })),
  step: workers.map((id) => ({ id, result: (id % 3) + id })),
  bytes: [{ raw: "some bytes", count: 10 }],
};

export const stripped: typeof whole = {
  place: [
    { n: 0, answer: "placed-o-1" },
    { n: 1, answer: "", ...error("*errors.errorString") },
    { n: 2, answer: "", ...error("*main.refused") },
    { n: 3, answer: "placed-empty" },
  ],
  "main.Wide": [wide],
  map: [
    { in: 2, out: 2 },
    { in: 2, out: 2 },
  ],
  push: [
    { item: "one", count: 1 },
    { item: "two", count: 2 },
  ],
  depth: whole.depth ?? [],
  risky: whole.risky ?? [],
  inner: whole.inner ?? [],
  outer: [{}, {}],
  save: whole.save ?? [],
  describe: whole.describe ?? [],
  worker: whole.worker ?? [],
};

const sorted = (all: readonly Attributes[]) =>
  all.map((each) => JSON.stringify(Object.entries(each).sort())).sort();

/** All of these spans, and no others. */
export function assertSpans(spans: readonly ReceivedSpan[], expected: typeof whole): void {
  for (const [name, all] of Object.entries(expected)) {
    const found = spans.filter((span) => span.name === name);
    const attributes = found.map(({ attributes: { "code.function.name": _, ...rest } }) => rest);
    assert.deepEqual(sorted(attributes), sorted(all), name);
    for (const { status, attributes } of found)
      assert.equal(status.code === "error", "error.type" in attributes, name);
  }
  const names = new Set(spans.map(({ name }) => name));
  assert.deepEqual(
    [...names].filter((name) => !(name in expected)),
    [],
  );
  // What an error says is nobody's business.
  assert.doesNotMatch(
    JSON.stringify(spans.map(({ attributes, status, name }) => [attributes, status, name])),
    /secret of a customer/,
  );
}

/** By the child's name, the name of its parent. */
function assertParents(spans: readonly ReceivedSpan[], parents: Readonly<Record<string, string>>): void {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  for (const [child, parent] of Object.entries(parents))
    for (const span of spans.filter(({ name }) => name === child))
      assert.equal(byId.get(span.parentSpanId ?? "")?.name, parent, child);
}

/** Spans of one round. */
export const count = (expected: typeof whole) => Object.values(expected).flat().length;

/** Of the spans of `whole`. */
export function assertTrees(spans: readonly ReceivedSpan[]): void {
  assertParents(spans, {
    literal: "map",
    risky: "guarded",
    inner: "outer",
    save: "save all",
    step: "worker",
  });
}
