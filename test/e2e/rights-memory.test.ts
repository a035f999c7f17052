// The agent in the 128 MiB of a sidecar, under load: it isn't killed, and what it takes is said.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { isBalanced, readAccount, spawnAgent } from "./support/agent.ts";
import { startCollector } from "./support/collector.ts";
import { startLoad } from "./support/load.ts";
import { usual } from "./support/matrix.ts";
import { MemoryCgroup } from "./support/memory-cgroup.ts";
import { freePorts, sleep, stopAll } from "./support/process.ts";
import { startServer } from "./support/server.ts";

const mebibyte = 1 << 20;
/** OTEL_GO_AUTO_FULL=1: a minute. */
const seconds = process.env.OTEL_GO_AUTO_FULL === "1" ? 60 : 10;
/** Requests a second to each of two targets. */
const rate = 1000;

describe("in 128 MiB", () => {
  const folder = mkdtempSync(join(tmpdir(), "otel-go-auto-memory-"));
  after(async () => {
    await stopAll();
    rmSync(folder, { recursive: true });
  });

  for (const [protocol, compression] of [
    ["http/protobuf", "gzip"],
    ["http/json", "none"],
    ["grpc", "gzip"],
  ] as const)
    test(`two targets, ${2 * rate} requests a second, ${protocol}`, async (t) => {
      const [collector, first, second] = await Promise.all([
        startCollector(),
        startServer(usual),
        startServer(usual),
      ]);
      const cgroup = new MemoryCgroup(128 * mebibyte);
      const config = join(folder, "config.yaml");
      writeFileSync(config, "sampling: { sampler: parentbased_always_on }\n");
      const [port = 0] = await freePorts(1);
      const endpoint = protocol === "grpc" ? collector.grpcEndpoint : collector.httpEndpoint;
      const targets = [first, second].flatMap(({ running }) => ["--pid", String(running.pid)]);
      const agent = spawnAgent(
        [
          ...targets,
          "--endpoint",
          endpoint,
          "--protocol",
          protocol,
          "--config",
          config,
          "--status-address",
          `:${port}`,
        ],
        {
          OTEL_METRICS_EXPORTER: "otlp",
          OTEL_METRIC_EXPORT_INTERVAL: "1000",
          OTEL_EXPORTER_OTLP_COMPRESSION: compression,
        },
        cgroup.wrapper,
      );
      try {
        await agent.waitFor(/attached to process [\s\S]*attached to process /, 120_000);
        const loads = await Promise.all(
          [first, second].map(({ ports }) =>
            startLoad({ url: `http://127.0.0.1:${ports.h1}/items/7`, connections: 16, rate }),
          ),
        );
        let most = 0;
        for (let second = 0; second < seconds; second++) {
          await sleep(1000);
          assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
          most = Math.max(most, cgroup.figures().used);
        }
        const results = await Promise.all(loads.map((load) => load.stop()));
        assert.deepEqual(
          results.map(({ failed }) => failed),
          [0, 0],
        );
        const { code } = await agent.stop("SIGINT", 60_000);
        const { peak, kills } = cgroup.figures();
        const sent = results.reduce((sum, { requests }) => sum + requests, 0);
        const account = readAccount(agent.stderr());
        const inMib = (bytes: number) => Math.round(bytes / mebibyte);
        t.diagnostic(
          `${sent} requests in ${seconds} s: ${inMib(most)} MiB of memory, ${inMib(peak)} with files' pages; ${account.line}`,
        );
        assert.equal(kills, 0, "the kernel killed for memory");
        assert.equal(code, 0, agent.stderr());
        assert.ok(isBalanced(account), account.line);
        assert.equal(account.requests, sent);
        assert.ok(most < 128 * mebibyte);
      } finally {
        await agent.stop("SIGKILL");
        await Promise.all([first.stop(), second.stop(), collector.stop()]);
        cgroup.remove();
      }
    });
});
