// A library whose structs are not as any version of it had them: nothing is guessed.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { buildGo } from "../fixtures/go-binaries.ts";
import { withSource } from "../go-matrix/source.ts";
import { isBalanced, startAgent } from "./support/agent.ts";
import { sendAll } from "./support/client.ts";
import { type Collector, startCollector } from "./support/collector.ts";
import { stopAll } from "./support/process.ts";
import { startExecutable } from "./support/server.ts";

const go = "1.26.8";
const from = "127.0.0.1";

let collector: Collector;
before(async () => {
  collector = await startCollector();
});
after(async () => {
  await collector?.stop();
  await stopAll();
});

/** The matrix's program with golang.org/x/net in a folder of its own, where the response keeps its status in `code`. */
function buildWithoutStatus(): Promise<string> {
  return withSource("replaced by a folder", go, async ({ source, directory }) => {
    const server = join(source, directory, "net", "http2", "server.go");
    const text = await readFile(server, "utf8");
    const renamed = text.replaceAll("rws.status", "rws.code").replace(/^\tstatus {8}int/m, "\tcode int");
    assert.notEqual(renamed, text);
    await writeFile(server, renamed);
    return await buildGo({ go, source, directory, flags: ["-p=1"] });
  });
}

test("a response without a known status field: its requests are counted, and no span tells a made-up one", async () => {
  const server = await startExecutable(await buildWithoutStatus());
  const agent = await startAgent({ pid: server.running.pid, endpoint: collector.httpEndpoint });
  const address = (port = 0) => ({ host: from, port, from });
  const requests = Array.from({ length: 3 }, () => ({ path: "/plain" }));
  const known = await sendAll("h1", address(server.ports.h1), requests);
  const unknown = await sendAll("h2cx", address(server.ports["h2c-x"]), requests);
  const { account } = await agent.stop();
  const spans = await collector.waitFor((all) => all.length >= known.length);
  await server.stop();

  for (const { status } of [...known, ...unknown]) assert.equal(status, 200);
  assert.match(agent.stderr(), /without requests of \*golang\.org\/x\/net\/http2\.responseWriter/);
  assert.match(agent.stderr(), /3 requests without a span: a ResponseWriter of an unknown kind/);
  assert.equal(account.requests, known.length, account.line);
  assert.ok(isBalanced(account), account.line);
  assert.deepEqual(
    spans.map(({ attributes }) => [
      attributes["network.protocol.version"],
      attributes["http.response.status_code"],
    ]),
    known.map(() => ["1.1", 200]),
  );
});
