// The status server of a running agent: what a probe and a scraper see before, while and after a program is traced.
import assert from "node:assert/strict";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { addon } from "../../src/kernel/index.ts";
import { scrape } from "../export/support/scrape.ts";
import { isBalanced, readAccount, spawnAgent } from "./support/agent.ts";
import { sendLoad } from "./support/load.ts";
import { usual } from "./support/matrix.ts";
import { freePorts, type Running, sleep, start, stopAll } from "./support/process.ts";
import { buildServer, type Server, startExecutable } from "./support/server.ts";

const quiet = { OTEL_TRACES_EXPORTER: "none" };

async function get(url: string, accept = "*/*"): Promise<{ status: number; text: string }> {
  const response = await fetch(url, { headers: { accept } });
  return { status: response.status, text: await response.text() };
}

/** Comes back when the page says so. */
async function waitFor(
  url: string,
  enough: (page: { status: number; text: string }) => boolean,
): Promise<void> {
  const end = Date.now() + 30_000;
  for (;;) {
    const page = await get(url);
    if (enough(page)) return;
    assert.ok(Date.now() < end, `${url}: ${page.status} ${page.text}`);
    await sleep(50);
  }
}

async function urlOf(agent: Running): Promise<string> {
  const [, url = ""] = await agent.waitFor(/status at (http:\S+)/, 30_000);
  return url;
}

describe("status server of the agent", () => {
  let directory: string;
  let executable: string;
  let server: Server | undefined;
  before(async () => {
    // A copy of its own: nobody else runs it.
    directory = await mkdtemp(join(tmpdir(), "otel-go-auto-status-"));
    executable = join(directory, "server");
    await copyFile(await buildServer(usual), executable);
  });
  after(async () => {
    await server?.stop();
    await stopAll();
    await rm(directory, { recursive: true });
  });

  test("alive from the start, ready while a program is traced, and what it counts is the account", async (t) => {
    const agent = spawnAgent(["--status-address", "127.0.0.1:0"], {
      ...quiet,
      OTEL_GO_AUTO_TARGET_EXE: executable,
    });
    const url = await urlOf(agent);
    assert.deepEqual(await get(`${url}/healthz`), { status: 200, text: "ok\n" });
    const waiting = await get(`${url}/readyz`);
    assert.equal(waiting.status, 503);
    assert.match(waiting.text, /^not ready: waiting for a process that runs \/.*\n$/);
    assert.ok((await scrape((await get(`${url}/metrics`)).text, "prometheus")).series.length > 5);

    server = await startExecutable(executable, ["-listen", "h1=127.0.0.1:0"]);
    await waitFor(`${url}/readyz`, ({ status }) => status === 200);
    const at = `http://127.0.0.1:${server.ports.h1}`;
    await sendLoad({ url: `${at}/plain`, connections: 4, requests: 200 });
    await sendLoad({ url: `${at}/status/500`, connections: 1, requests: 3 });
    const series = "auto_instrument_spans_created_total";
    await waitFor(`${url}/metrics`, ({ text }) => text.includes(`${series}{`) && / 203\n/.test(text));

    const page = (await get(`${url}/metrics`, "application/openmetrics-text")).text;
    const { series: found } = await scrape(page, "openmetrics");
    const own = new Map(
      found.map(({ name, labels, value }) => [
        [name, labels.reason, labels.kind, labels.source].filter(Boolean).join(" "),
        value,
      ]),
    );
    assert.equal(own.get(series), 203);
    assert.equal(own.get("auto_instrument_spans_errors_total"), 3);
    assert.equal(own.get("auto_instrument_spans_exported_total"), 203);
    for (const reason of [
      "ring_full",
      "in_flight_full",
      "superseded",
      "unreadable",
      "malformed",
      "queue_full",
    ])
      assert.equal(own.get(`auto_instrument_spans_dropped_total ${reason}`), 0, reason);
    for (const reason of ["export_failed", "rejected", "shutdown"])
      assert.equal(own.get(`auto_instrument_spans_dropped_total ${reason}`), 0, reason);
    assert.equal(own.get("auto_instrument_targets"), 1);
    const measured = found.filter(({ name }) => name === "http_server_request_duration_seconds_count");
    assert.deepEqual(
      measured.map(({ labels, value }) => [labels.http_response_status_code, labels.error_type, value]),
      [
        ["200", undefined, 200],
        ["500", "500", 3],
      ],
    );
    assert.ok((own.get("auto_instrument_overhead_cpu_percent agent") ?? 0) > 0);
    assert.ok((own.get("process_memory_usage_bytes") ?? 0) > 2 ** 20);
    const info = found.filter(({ name }) => name === "target_info").map(({ labels }) => labels.service_name);
    assert.ok(info.includes("otel-go-auto"));

    await server.stop();
    await waitFor(`${url}/readyz`, ({ status }) => status === 503);
    assert.equal((await get(`${url}/healthz`)).status, 200);
    assert.equal((await agent.stop("SIGINT")).code, 0);
    const account = readAccount(agent.stderr());
    t.diagnostic(account.line);
    assert.ok(isBalanced(account), account.line);
    assert.equal(account.exported, 203);
  });

  test("a process that can't be traced is named", async () => {
    const other = join(directory, "other");
    await copyFile("/bin/sleep", other);
    const agent = spawnAgent(["--status-address", "127.0.0.1:0"], {
      ...quiet,
      OTEL_GO_AUTO_TARGET_EXE: other,
    });
    const url = await urlOf(agent);
    await waitFor(`${url}/readyz`, ({ text }) => /waiting for a process that runs/.test(text));
    const program = start(other, ["100"]);
    await waitFor(`${url}/readyz`, ({ status, text }) => {
      assert.equal(status, 503);
      return new RegExp(
        `^not ready: process ${program.pid} could not be traced \\(.*; waiting for another`,
      ).test(text);
    });
    await program.stop("SIGTERM");
    assert.equal((await agent.stop("SIGINT")).code, 0);
  });

  test("what the kernel counts of the programs, while it does", async () => {
    server = await startExecutable(executable, ["-listen", "h1=127.0.0.1:0"]);
    const agent = spawnAgent(["--status-address", "127.0.0.1:0", "--pid", String(server.running.pid)], quiet);
    const url = await urlOf(agent);
    await waitFor(`${url}/readyz`, ({ status }) => status === 200);
    const statistics = new (addon().RunStats)();
    const load = { url: `http://127.0.0.1:${server.ports.h1}/plain`, connections: 1, requests: 100 };
    await sendLoad(load).finally(() => statistics.close());
    await waitFor(`${url}/metrics`, ({ text }) => /http_server_handler_called",[^}]*} 100\n/.test(text));
    const { series } = await scrape((await get(`${url}/metrics`)).text, "prometheus");
    const of = (name: string, program: string) =>
      series.find((one) => one.name === name && one.labels.program === program);
    for (const program of ["http_server_handler_called", "http_server_handler_returned"]) {
      const hits = of("auto_instrument_probe_hits_total", program);
      assert.deepEqual([hits?.value, hits?.labels.library], [100, "net/http server"]);
      assert.ok((of("auto_instrument_probe_time_seconds_total", program)?.value ?? 0) > 0);
    }
    const overhead = series.filter(({ name }) => name === "auto_instrument_overhead_cpu_percent");
    assert.deepEqual(overhead.map(({ labels }) => labels.source).sort(), ["agent", "bpf"]);
    await agent.stop("SIGINT");
    await server.stop();
  });

  test("what an endpoint does not take is dropped, with its reason", async () => {
    const [dead = 0] = await freePorts(1);
    server = await startExecutable(executable, ["-listen", "h1=127.0.0.1:0"]);
    const pid = String(server.running.pid);
    const endpoint = `http://127.0.0.1:${dead}`;
    const agent = spawnAgent(["--status-address", "127.0.0.1:0", "--pid", pid, "--endpoint", endpoint], {
      OTEL_EXPORTER_OTLP_TIMEOUT: "200",
      OTEL_METRICS_EXPORTER: "none",
    });
    const url = await urlOf(agent);
    await waitFor(`${url}/readyz`, ({ status }) => status === 200);
    await sendLoad({ url: `http://127.0.0.1:${server.ports.h1}/plain`, connections: 1, requests: 50 });
    await waitFor(`${url}/metrics`, ({ text }) =>
      /dropped_total\{[^}]*reason="export_failed"[^}]*\} 50\n/.test(text),
    );
    const { series } = await scrape((await get(`${url}/metrics`)).text, "prometheus");
    const failures = series.find(
      ({ name, labels }) => name === "auto_instrument_export_failures_total" && labels.signal === "traces",
    );
    assert.ok((failures?.value ?? 0) >= 1);
    assert.ok(!series.some(({ name }) => name.startsWith("http_server_")), "nobody wants requests measured");
    const dropped = series.filter(({ name }) => name === "auto_instrument_spans_dropped_total");
    assert.equal(
      dropped.reduce((sum, { value }) => sum + value, 0),
      50,
    );
    await agent.stop("SIGINT");
    const account = readAccount(agent.stderr());
    assert.equal(account.others["dropped (export failed)"], 50, account.line);
    await server.stop();
  });

  test("a port that somebody has: the agent does not start, and says why", async () => {
    const [port = 0] = await freePorts(1);
    const first = spawnAgent(["--status-address", `127.0.0.1:${port}`], {
      ...quiet,
      OTEL_GO_AUTO_TARGET_EXE: "/nothing/runs/this",
    });
    await urlOf(first);
    const second = spawnAgent(["--status-address", `127.0.0.1:${port}`], {
      ...quiet,
      OTEL_GO_AUTO_TARGET_EXE: "/nothing/runs/this",
    });
    assert.equal((await second.ended()).code, 1, second.stderr());
    assert.match(
      second.stderr(),
      /cannot listen on 127\.0\.0\.1:\d+\n {2}why: something listens there already/,
    );
    assert.equal((await first.stop("SIGTERM")).code, 0, first.stderr());
  });
});
