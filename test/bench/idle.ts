/**
 * What an agent costs that has nothing to do: how often its threads wake up, which is an exact count, and their processor
 * time, of which the kernel keeps nanoseconds.
 *
 *   node --import tsx test/bench/idle.ts [--seconds 60] [--silent] ["--args=--config FILE"]
 */
import { readdirSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { spawnAgent } from "../e2e/support/agent.ts";
import { sendLoad } from "../e2e/support/load.ts";
import { sleep, start, stopAll } from "../e2e/support/process.ts";
import { buildGo } from "../fixtures/go-binaries.ts";

// --silent: it has never been sent a request, so that its first one is waited for.
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    silent: { type: "boolean", default: false },
    args: { type: "string", default: "" },
  },
});
const seconds = Number(values.seconds);

interface Thread {
  readonly name: string;
  readonly wakes: number;
  readonly nanoseconds: number;
}

function threadsOf(pid: number): ReadonlyMap<string, Thread> {
  return new Map(
    readdirSync(`/proc/${pid}/task`).map((id) => {
      const status = readFileSync(`/proc/${pid}/task/${id}/status`, "utf8");
      const [nanoseconds] = readFileSync(`/proc/${pid}/task/${id}/schedstat`, "utf8").split(" ");
      const name = /Name:\s+(\S+)/.exec(status)?.[1] ?? "";
      const wakes = Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1]);
      return [id, { name, wakes, nanoseconds: Number(nanoseconds) }];
    }),
  );
}

try {
  const source = `${import.meta.dirname}/programs/bare`;
  const server = start(await buildGo({ go: "1.26.8", source, flags: ["-ldflags=-s -w"] }), []);
  const [, address] = await server.waitFor(/listening (\S+)/, 5000);
  const more = values.args.split(" ").filter(Boolean);
  const agent = spawnAgent(["--pid", String(server.pid), "--endpoint", "127.0.0.1:9", ...more], {
    OTEL_TRACES_EXPORTER: "none",
  });
  await agent.waitFor(/attached to process/, 30_000);
  if (!values.silent) await sendLoad({ url: `http://${address}`, connections: 1, requests: 100 });
  await sleep(values.silent ? 35_000 : 10_000);
  const before = threadsOf(agent.pid);
  await sleep(seconds * 1000);
  const after = threadsOf(agent.pid);
  let [wakes, nanoseconds] = [0, 0];
  for (const [id, now] of after) {
    const then = before.get(id);
    const woken = now.wakes - (then?.wakes ?? 0);
    const ran = now.nanoseconds - (then?.nanoseconds ?? 0);
    wakes += woken;
    nanoseconds += ran;
    if (woken > 0) console.log(`${now.name} ${id}: ${woken} wake-ups, ${(ran / 1e6).toFixed(1)} ms`);
  }
  console.log(
    `${(wakes / seconds).toFixed(2)} wake-ups a second, ${(nanoseconds / 1e7 / seconds).toFixed(3)} % of a core`,
  );
  await agent.stop("SIGINT");
} finally {
  await stopAll();
}
