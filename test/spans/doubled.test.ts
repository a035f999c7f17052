import assert from "node:assert/strict";
import test from "node:test";
import { SpanKind } from "@opentelemetry/api";
import { ParentKind } from "../../src/generated/shared.ts";
import type { LibrarySpan } from "../../src/libraries/descriptor.ts";
import { Doubled } from "../../src/spans/doubled.ts";

const span = (kind: SpanKind, parts: Partial<LibrarySpan> = {}): LibrarySpan => ({
  name: "n",
  kind,
  attributes: {},
  status: { code: 0 },
  traceState: undefined,
  ...parts,
});
const middleware = { scope: { name: "go.opentelemetry.io/contrib/instrumentation/x" }, ofMiddleware: true };
const program = { scope: { name: "shop" }, ofMiddleware: false };
const ids = (spanId: string, parentSpanId: string, parent: number = ParentKind.local) => ({
  spanId,
  parentSpanId,
  parent,
});

test("a server span of middleware is internal below another of this process, and one alone stays", () => {
  const doubled = new Doubled();
  assert.equal(doubled.kindOf(span(SpanKind.SERVER, middleware), ids("b", "a")), SpanKind.INTERNAL);
  for (const parent of [ParentKind.none, ParentKind.remote])
    assert.equal(doubled.kindOf(span(SpanKind.SERVER, middleware), ids("b", "a", parent)), SpanKind.SERVER);
  assert.equal(doubled.kindOf(span(SpanKind.SERVER, program), ids("b", "a")), SpanKind.SERVER);
});

test("a client span of middleware is internal around a call that the agent has traced, and else stays", () => {
  const doubled = new Doubled();
  assert.equal(doubled.kindOf(span(SpanKind.CLIENT), ids("c", "b")), SpanKind.CLIENT);
  assert.equal(doubled.kindOf(span(SpanKind.CLIENT), ids("c2", "p")), SpanKind.CLIENT);
  assert.equal(doubled.kindOf(span(SpanKind.CLIENT, middleware), ids("b", "a")), SpanKind.INTERNAL);
  assert.equal(doubled.kindOf(span(SpanKind.CLIENT, middleware), ids("d", "a")), SpanKind.CLIENT);
  assert.equal(doubled.kindOf(span(SpanKind.CLIENT, program), ids("p", "a")), SpanKind.CLIENT);
  // Another span of the program within it is none of the agent's.
  assert.equal(doubled.kindOf(span(SpanKind.CLIENT, program), ids("f", "e")), SpanKind.CLIENT);
  assert.equal(doubled.kindOf(span(SpanKind.CLIENT, middleware), ids("e", "a")), SpanKind.CLIENT);
});

test("what is remembered has a bound: the oldest are forgotten", () => {
  const doubled = new Doubled();
  for (let call = 0; call <= 4096; call++) doubled.kindOf(span(SpanKind.CLIENT), ids(`c${call}`, `b${call}`));
  assert.equal(doubled.kindOf(span(SpanKind.CLIENT, middleware), ids("b0", "a")), SpanKind.CLIENT);
  assert.equal(doubled.kindOf(span(SpanKind.CLIENT, middleware), ids("b1", "a")), SpanKind.INTERNAL);
});
