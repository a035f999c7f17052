/** Child of export.ts: exports spans at a rate and says what that cost. Arguments: protocol, endpoint, spans/s, seconds. */
import { readFileSync } from "node:fs";
import type { Exporter, OtlpProtocol } from "../../src/config/config.ts";
import { createExporter } from "../../src/export/index.ts";
import { record } from "../export/support/records.ts";

const [kind = "", endpoint = "", rate = "0", seconds = "0"] = process.argv.slice(2);
const tickMs = 50;

const exporter = await createExporter({
  exporter: (kind === "none" ? "none" : "otlp") satisfies Exporter,
  otlp: { endpoint, protocol: kind as OtlpProtocol, headers: {}, timeoutMs: 10_000, compression: "none" },
  batch: {
    maxQueueSize: undefined,
    maxExportBatchSize: undefined,
    scheduleDelayMs: undefined,
    exportTimeoutMs: undefined,
  },
});

/** In megabytes. */
function memory(field: "VmRSS" | "VmHWM"): number {
  const kilobytes = new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync("/proc/self/status", "latin1"))?.[1];
  return Number(kilobytes) / 1000;
}

const idle = memory("VmRSS");
const before = process.cpuUsage();
const start = Date.now();
let due = 0;
await new Promise<void>((resolve) => {
  const timer = setInterval(() => {
    const elapsed = Math.min((Date.now() - start) / 1000, Number(seconds));
    for (; due < elapsed * Number(rate); due++) exporter.add(record());
    if (elapsed < Number(seconds)) return;
    clearInterval(timer);
    resolve();
  }, tickMs);
});
await exporter.flush(10_000);
const { user, system } = process.cpuUsage(before);
process.stdout.write(
  JSON.stringify({ idle, peak: memory("VmHWM"), cpu: user + system, counts: exporter.counts }),
);
process.exit(0);
