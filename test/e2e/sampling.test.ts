// The six samplers decide as the Go SDK's own, for the same trace ids.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { samplerKinds } from "../../src/config/config.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { isBalanced, repository, startAgent } from "./support/agent.ts";
import { type Collector, startCollector } from "./support/collector.ts";
import { sendLoad } from "./support/load.ts";
import { usual } from "./support/matrix.ts";
import { stopAll } from "./support/process.ts";
import { type Server, startServer } from "./support/server.ts";

const ratio = "0.25";
const count = 1000;

describe("samplers", () => {
  let collector: Collector;
  let server: Server;
  let directory: string;
  let oracle: string;
  const contexts = Array.from({ length: count }, randomContext);

  before(async () => {
    [collector, server, oracle, directory] = await Promise.all([
      startCollector(),
      startServer(usual),
      buildGo({ go: "1.26.8", source: join(repository, "test", "go-sampler") }),
      mkdtemp(join(tmpdir(), "otel-go-auto-sampling-")),
    ]);
    await writeFile(join(directory, "contexts"), contexts.join("\n"));
  });
  after(async () => {
    await server?.stop();
    await collector?.stop();
    await stopAll();
    if (directory) await rm(directory, { recursive: true });
  });

  /** What the Go SDK decides for each line. */
  function decisions(sampler: string, lines: readonly string[]): boolean[] {
    const { stdout, stderr, status } = spawnSync(oracle, [sampler, ratio], { input: lines.join("\n") });
    assert.equal(status, 0, stderr.toString());
    return stdout
      .toString()
      .trim()
      .split("\n")
      .map((line) => line === "1");
  }

  async function trace(sampler: string, load: { requests: number } | { traceparents: string }) {
    const env = { OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: ratio };
    const already = (await collector.spans()).length;
    const agent = await startAgent({ pid: server.running.pid, endpoint: collector.httpEndpoint, env });
    const { failed } = await sendLoad({
      url: `http://127.0.0.1:${server.ports.h1}/plain`,
      connections: 4,
      ...load,
    });
    const { account } = await agent.stop();
    assert.equal(failed, 0);
    assert.equal(account.requests, count, account.line);
    assert.equal(account.exported + (account.others["not sampled"] ?? 0), count, account.line);
    assert.ok(isBalanced(account), account.line);
    const spans = await collector.waitFor((all) => all.length >= already + account.exported);
    return spans.slice(already);
  }

  test("new trace ids are spread evenly: a small ratio gets its share", async () => {
    const requests = 10_000;
    const env = {
      OTEL_TRACES_SAMPLER: "traceidratio",
      OTEL_TRACES_SAMPLER_ARG: "0.003",
      OTEL_TRACES_EXPORTER: "none",
    };
    const agent = await startAgent({ pid: server.running.pid, env });
    await sendLoad({ url: `http://127.0.0.1:${server.ports.h1}/plain`, connections: 4, requests });
    const { account } = await agent.stop();
    assert.equal(account.requests, requests);
    // 30 with a standard deviation of 5.5. An id with a fixed bit in its eighth byte would give none.
    assert.ok(account.exported >= 3 && account.exported <= 63, account.line);
  });

  for (const sampler of samplerKinds) {
    test(`${sampler}: requests with a remote parent`, async () => {
      const spans = await trace(sampler, { traceparents: join(directory, "contexts") });
      const sampled = decisions(sampler, contexts);
      const wanted = contexts.filter((_, index) => sampled[index]);
      const ids = spans.map(({ traceId }) => traceId).sort();
      assert.deepEqual(ids, wanted.map((context) => context.slice(3, 35)).sort());
    });

    test(`${sampler}: requests without a parent`, async () => {
      const spans = await trace(sampler, { requests: count });
      const ids = spans.map(({ traceId }) => traceId);
      if (ids.length > 0)
        assert.ok(decisions(sampler, ids).every(Boolean), "each exported id is one to sample");
      const expected = sampler.endsWith("ratio") ? count / 4 : sampler.endsWith("on") ? count : 0;
      // Six standard deviations of 1,000 draws with probability 1/4; exact for the others.
      const tolerance = sampler.endsWith("ratio") ? 82 : 0;
      assert.ok(Math.abs(ids.length - expected) <= tolerance, `${ids.length} of ${count} are sampled`);
    });
  }
});

/** A remote parent with random ids; half of them are sampled. */
function randomContext(): string {
  const flags = randomBytes(1).readUInt8() & 1;
  return `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-0${flags}`;
}
