/**
 * Trace context in what gRPC's client sends over TLS, on kernels that let it be written into the program's memory:
 * what was received is compared with the spans. On arm64 a connection has room for it only once it has sent a longer
 * frame (docs/propagation.md): there those calls have to carry it that come after such a one.
 *
 * OTEL_GO_AUTO_VM_KERNELS selects other kernels, OTEL_GO_AUTO_VM_GRPC the callers' versions of gRPC,
 * OTEL_GO_AUTO_VM_CALLS says how many calls each makes.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { pythonWithGrpc } from "../fixtures/grpcio.ts";
import { type GrpcVersion, grpcCaller, grpcVersions } from "./grpc-caller.ts";
import { type Kernel, selectedKernels } from "./kernels.ts";
import { faults, hasOwn, type Received } from "./received.ts";
import { setUp } from "./setup.ts";
import { type Check, checked } from "./traced-calls.ts";

const kernels = selectedKernels("5.10,6.12,7.2");
setUp(kernels);

const versions = grpcVersions(process.env.OTEL_GO_AUTO_VM_GRPC ?? "1.60,1.85");
const calls = Number(process.env.OTEL_GO_AUTO_VM_CALLS ?? 900);

/** Many at once over few connections; and many connections, each with its first calls. */
const half = Math.floor(calls / 2);
const queries = [
  `first=0&count=${half}&at-once=1000&clients=2`,
  `first=${half}&count=${calls - half}&at-once=100&clients=40`,
];
/** Long and short calls in turns over each connection, and at first one at a time. */
const turns = [
  `first=0&count=${half}&at-once=1&clients=1`,
  `first=${half}&count=${calls - half}&at-once=100&clients=7`,
];
const queriesOn = ({ arch }: Kernel) => (arch === "arm64" ? turns : queries);

for (const [kernel, version] of kernels.flatMap((kernel) =>
  versions.map((version) => [kernel, version] as const),
)) {
  test(`gRPC ${version} on ${kernel.name}: each call carries the span that the trace shows`, async (t) => {
    const caller = grpcCaller(version);
    await checked(
      t,
      { kernel, caller, receiver: "go", rounds: 0, queries: queriesOn(kernel), requests: calls },
      checkOn(kernel),
    );
  });
}

const [kernel] = kernels.filter(({ name }) => name === "6.12").concat(kernels);
const version = versions.at(-1) as GrpcVersion;

test("gRPC's C core, which takes no padded frames, and Node's HTTP/2 take what is sent", async (t) => {
  assert.ok(kernel);
  // The C core is the host's: a guest of another architecture can't run it.
  for (const receiver of kernel.arch === "arm64" ? ["node"] : [await pythonWithGrpc(), "node"]) {
    const caller = grpcCaller(version);
    const run = { kernel, caller, receiver, rounds: 0, queries: queriesOn(kernel), requests: calls };
    await checked(t, run, checkOn(kernel));
  }
});

test("the formats of B3 are written too", async (t) => {
  assert.ok(kernel);
  const propagators = "tracecontext,baggage,b3,b3multi";
  const caller = grpcCaller(version);
  const run = { kernel, caller, receiver: "go", rounds: 0, queries: queriesOn(kernel), requests: calls };
  await checked(t, { ...run, propagators }, (received, spans) =>
    assert.deepEqual(faults(thatCarry(kernel, received), spans, "b3"), []),
  );
});

test("a call whose metadata is near what its peer takes goes as it is, and so do longer ones", async (t) => {
  assert.ok(kernel);
  if (kernel.arch === "arm64")
    return t.skip("each call is longer than those before, which leaves no room there");
  // Metadata that grows, over what peers take, over what the one takes that says so, and at the edges of frames.
  const queries = [
    "first=0&count=60&at-once=20&padding=7300&step=10",
    "first=60&count=40&at-once=20&padding=2150&step=10&to=limited",
    "first=100&count=60&at-once=20&padding=15900&step=10",
  ];
  const run = { kernel, caller: grpcCaller(version), receiver: "go", rounds: 0, queries, requests: 160 };
  await checked(t, run, (received, spans) => {
    assert.deepEqual(faults(received, spans, "some"), []);
    const numbers = carriers(received).map(({ number }) => number);
    for (const [first, next] of [
      [0, 60],
      [60, 100],
    ] as const) {
      const withContext = numbers.filter((number) => number >= first && number < next);
      const last = Math.max(...withContext);
      assert.ok(last > first + 10 && last < next - 3, `the last call with room is number ${last}`);
      assert.deepEqual(
        withContext.sort((a, b) => a - b),
        Array.from({ length: last - first + 1 }, (_, i) => first + i),
      );
    }
    assert.deepEqual(
      numbers.filter((number) => number >= 100),
      [],
    );
  });
});

test("an agent that comes and goes, or dies, breaks no call", async (t) => {
  assert.ok(kernel);
  // An emulated processor of another architecture has enough to do with the agent.
  const pause = kernel.arch === "arm64" ? "3s" : "200ms";
  const busy = `first=0&count=1000000&at-once=4&clients=3&pause=${pause}`;
  const caller = grpcCaller(version);
  await checked(
    t,
    { kernel, caller, receiver: "go", rounds: 3, queries: [busy], requests: undefined },
    (received, spans) => {
      assert.deepEqual(faults(received, spans, "some"), []);
      assert.ok(carriers(received).length > 0, "no call got a header");
    },
  );
});

/** Those that have to carry context: on arm64 short calls behind longer ones. */
function thatCarry({ arch }: Kernel, received: readonly Received[]): readonly Received[] {
  return arch === "arm64" ? received.filter(({ number }) => number < half && number % 2 === 1) : received;
}

const checkOn =
  (kernel: Kernel): Check =>
  (received, spans, log) => {
    assert.deepEqual(faults(received, spans, "some"), []);
    assert.deepEqual(faults(thatCarry(kernel, received), spans, "all"), []);
    isAccountOf(log, received);
  };

/** The agent's own account says as many as have come. */
function isAccountOf(log: string, received: readonly Received[]): void {
  const written = /write tier: ([\d,]+) requests? carried trace context/.exec(log)?.[1];
  assert.equal(Number(written?.replaceAll(",", "")), carriers(received).length, log);
}

/** What got its context from the agent. */
function carriers(received: readonly Received[]): readonly Received[] {
  return received.filter((request) => !hasOwn(request) && request.traceparents?.length === 1);
}
