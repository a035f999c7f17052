/**
 * Trace context in what a Go program sends over TLS, by HTTP/1 and HTTP/2, on kernels that let it be written into
 * the program's memory: what was received is compared with the spans.
 *
 * OTEL_GO_AUTO_VM_KERNELS selects other kernels, OTEL_GO_AUTO_VM_GO the callers' Go
 * versions, OTEL_GO_AUTO_VM_REQUESTS says how many requests each sends.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReceivedSpan } from "../e2e/support/otlp-json.ts";
import { selectedKernels } from "./kernels.ts";
import { faults, type Received } from "./received.ts";
import { setUp } from "./setup.ts";
import { checked, httpCaller } from "./traced-calls.ts";

const kernels = selectedKernels("5.10,6.12,7.2");
setUp(kernels);

const goVersions = (process.env.OTEL_GO_AUTO_VM_GO ?? "1.22.12,1.26.8,1.27.4").split(",");
const requests = Number(process.env.OTEL_GO_AUTO_VM_REQUESTS ?? 900);

/** Many at once over few connections; and many clients, each with its connections' first requests. */
const third = Math.floor(requests / 3);
const queries = [
  `protocol=h1&first=0&count=${third}&at-once=256&clients=1`,
  `protocol=h2&first=${third}&count=${third}&at-once=256&clients=2`,
  `protocol=h2&first=${2 * third}&count=${requests - 2 * third}&at-once=100&clients=40`,
];

for (const [kernel, go] of kernels.flatMap((kernel) => goVersions.map((go) => [kernel, go] as const))) {
  test(`Go ${go} on ${kernel.name}: each request carries the span that the trace shows`, async (t) => {
    await checked(
      t,
      { kernel, caller: httpCaller(go), receiver: "go", rounds: 0, queries, requests },
      everyRequestIsASpan,
    );
  });
}

const [kernel] = kernels.filter(({ name }) => name === "6.12").concat(kernels);
const [go] = goVersions.slice(-1);

test("Node's HTTP/2 takes what is sent", async (t) => {
  assert.ok(kernel && go);
  await checked(
    t,
    { kernel, caller: httpCaller(go), receiver: "node", rounds: 0, queries, requests },
    everyRequestIsASpan,
  );
});

test("the formats of B3 are written too", async (t) => {
  assert.ok(kernel && go);
  const propagators = "tracecontext,baggage,b3,b3multi";
  await checked(
    t,
    { kernel, caller: httpCaller(go), receiver: "go", rounds: 0, queries, requests, propagators },
    (received, spans) => assert.deepEqual(faults(received, spans, "b3"), []),
  );
});

for (const protocol of ["h1", "h2"]) {
  test(`an agent that comes and goes, or dies, breaks no request of ${protocol}`, async (t) => {
    assert.ok(kernel && go);
    const busy = `protocol=${protocol}&first=0&count=1000000&at-once=16&clients=4&pause=250ms`;
    await checked(
      t,
      { kernel, caller: httpCaller(go), receiver: "go", rounds: 3, queries: [busy], requests: undefined },
      (received, spans) => {
        assert.deepEqual(faults(received, spans, "some"), []);
        const withContext = received.filter(({ traceparents }) => traceparents?.length === 1);
        assert.ok(withContext.length > 0, "no request got a header");
      },
    );
  });
}

function everyRequestIsASpan(received: readonly Received[], spans: readonly ReceivedSpan[]): void {
  assert.deepEqual(faults(received, spans, "all"), []);
}
