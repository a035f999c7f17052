import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Running, start } from "../e2e/support/process.ts";
import { makeCertificates } from "../export/support/certificates.ts";
import { attach } from "./support/agent.ts";
import { startClient } from "./support/client.ts";
import { type Arrived, bodyHash, expectedTraceparent, headers, Recorder } from "./support/server.ts";

async function setUp(t: TestContext, options: Parameters<typeof Recorder.listen>[0] = {}) {
  const [client, server] = [await startClient(), await Recorder.listen(options)];
  t.after(() => {
    client.stop();
    server.close();
  });
  return { client, server };
}

const carried = (request: Arrived) =>
  headers(request, "traceparent").join() === expectedTraceparent(request.id);
const bare = (request: Arrived) => headers(request, "traceparent").length === 0;

test("connections that are open already carry it from the next request on, and give it up at the end", async (t) => {
  const { client, server } = await setUp(t);
  const job = { URL: server.url, Count: 400, Concurrency: 40, Pool: 64 };
  await client.send(job);
  assert.ok(server.take().every(bare));

  for (let round = 0; round < 3; round++) {
    const agent = attach(client.pid);
    assert.ok(agent.adopted >= 20 && agent.adopted <= 64, `${agent.adopted} taken over`);
    assert.equal((await client.send(job)).Failed, null);
    const arrived = server.take();
    assert.equal(arrived.length, 400);
    assert.deepEqual(
      arrived.filter((request) => !carried(request)),
      [],
    );
    assert.equal(agent.tier.counts().notWatchable, 0);
    agent.close();
    assert.equal((await client.send(job)).Failed, null);
    assert.ok(server.take().every(bare));
  }
});

test("requests that are under way when the tier goes on or off arrive whole", async (t) => {
  const { client, server } = await setUp(t);
  client.begin({
    URL: server.url,
    Method: "POST",
    Body: 300_000,
    Concurrency: 16,
    Pool: 64,
    UntilLine: true,
  });
  let withContext = 0;
  for (let round = 0; round < 10; round++) {
    const agent = attach(client.pid);
    while (agent.tier.counts().written < 100) await pause();
    withContext += agent.tier.counts().written;
    agent.close();
  }
  const { OK, Failed } = await client.end();
  assert.equal(Failed, null);
  const arrived = server.take();
  assert.equal(arrived.length, OK);
  const hash = bodyHash(300_000);
  assert.deepEqual(
    arrived.filter(({ bodyHash }) => bodyHash !== hash),
    [],
  );
  assert.deepEqual(
    arrived.filter((request) => !carried(request) && !bare(request)),
    [],
  );
  assert.ok(arrived.filter(carried).length >= withContext);
});

test("the agent is killed and started again under load: no request fails", async (t) => {
  const { client, server } = await setUp(t);
  client.begin({ URL: server.url, Method: "POST", Body: 20_000, Concurrency: 32, Pool: 64, UntilLine: true });
  let agent: Running | undefined;
  t.after(() => agent?.stop("SIGKILL"));
  for (let round = 0; round < 4; round++) {
    const script = join(import.meta.dirname, "support/agent-process.ts");
    agent = start(process.execPath, ["--import", "tsx", script, String(client.pid)]);
    await agent.waitFor(/attached [1-9]/, 60_000);
    const before = server.arrived.length;
    while (server.arrived.length < before + 2000) await pause();
    const last = server.arrived.slice(-500);
    assert.ok(
      last.filter(carried).length > 400,
      `${round}: ${last.filter(carried).length} of the last 500 ${agent.stderr()}`,
    );
    await agent.stop("SIGKILL");
  }
  const { OK, Failed } = await client.end();
  assert.equal(Failed, null);
  const arrived = server.take();
  assert.equal(arrived.length, OK);
  const hash = bodyHash(20_000);
  assert.deepEqual(
    arrived.filter((request) => request.bodyHash !== hash || (!carried(request) && !bare(request))),
    [],
  );
  // The kernel takes its time to free what the agent had.
  do await client.send({ URL: server.url, Count: 100, Pool: 64 });
  while (!server.take().every(bare));
});

test("TLS is left alone", async (t) => {
  const pem = makeCertificates();
  t.after(() => pem.remove());
  const { client, server } = await setUp(t, {
    tls: { key: pem.keyPem.toString(), cert: pem.cert.toString() },
  });
  const agent = attach(client.pid);
  t.after(() => agent.close());
  const { Failed } = await client.send({
    URL: server.url,
    Method: "POST",
    Body: 100_000,
    Count: 50,
    Concurrency: 5,
  });
  assert.equal(Failed, null);
  const arrived = server.take();
  assert.equal(arrived.length, 50);
  assert.ok(arrived.every(bare));
  assert.ok(arrived.every((request) => request.bodyHash === bodyHash(100_000)));
  const { handedOver, otherConnection } = agent.tier.counts();
  assert.deepEqual([handedOver, otherConnection], [0, 50]);
});

test("another process of the same program is left alone", async (t) => {
  const { client, server } = await setUp(t);
  const other = await startClient();
  t.after(() => {
    other.stop();
  });
  const agent = attach(client.pid);
  t.after(() => agent.close());
  await other.send({ URL: server.url, Count: 20 });
  assert.ok(server.take().every(bare));
  await client.send({ URL: server.url, Count: 20 });
  assert.ok(server.take().every(carried));
});

test("an agent and a target in a PID namespace of their own", async () => {
  // The ids that the kernel itself uses for them are others there.
  const script = join(import.meta.dirname, "support/in-namespace.ts");
  const agent = start("unshare", [
    "--pid",
    "--fork",
    "--mount-proc",
    process.execPath,
    "--import",
    "tsx",
    script,
  ]);
  await agent.ended(60_000);
  assert.match(agent.stdout(), /process 1: 100 carried/);
});

for (const [propagators, lines] of [
  [["b3"], ["B3 ID-SPAN-1"]],
  [["b3multi"], ["X-B3-Traceid ID", "X-B3-Spanid SPAN", "X-B3-Sampled 1"]],
  [
    ["tracecontext", "b3"],
    ["Traceparent 00-ID-SPAN-01", "B3 ID-SPAN-1"],
  ],
  [["baggage"], ["Baggage a=1"]],
] as const) {
  test(`OTEL_PROPAGATORS=${propagators}: byte for byte what is sent without, and its lines`, async (t) => {
    const client = await startClient();
    const wire = await Wire.listen();
    t.after(() => {
      client.stop();
      wire.close();
    });
    const job = {
      URL: wire.url,
      Method: "POST",
      Body: 300,
      Query: "t=1",
      Fragment: "a=1",
      Headers: { "X-A": "1" },
    };
    await client.send(job);
    const without = wire.take().replace(/^(POST \/)\w{16}/, "$1ID");
    const agent = attach(client.pid, propagators);
    t.after(() => agent.close());
    const { First } = await client.send(job);
    const text = wire.take().replace(/^(POST \/)\w{16}/, "$1ID");
    const hex = (id: string) => Buffer.from(id).toString("hex");
    const added = lines.map((line) => line.replace("SPAN", hex(First.slice(8))).replace("ID", hex(First)));
    const withLines = (text: string) => text.toLowerCase();
    const [head = "", body] = without.split("\r\n\r\n");
    const expected = `${head}\r\n${added.map((line) => line.replace(" ", ": ")).join("\r\n")}\r\n\r\n${body}`;
    const ours = propagators.some((name) => name === "tracecontext")
      ? expected.replace(/(Traceparent.*\r\n)/, "$1Tracestate: t=1\r\n")
      : expected;
    assert.equal(withLines(text), withLines(ours));
    assert.equal(text.length, ours.length);
  });
}

/** A server that keeps what it receives as it is, and answers each message of up to its end. */
class Wire {
  #text = "";
  readonly #server = createServer((socket: Socket) => {
    socket.on("data", (chunk) => {
      this.#text += chunk.toString("latin1");
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
    socket.on("error", () => {});
  });

  static async listen(): Promise<Wire> {
    const wire = new Wire();
    await new Promise<void>((resolve) => wire.#server.listen(0, "127.0.0.1", resolve));
    return wire;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  take(): string {
    const text = this.#text;
    this.#text = "";
    return text;
  }

  close(): void {
    this.#server.close();
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
