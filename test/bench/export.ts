/**
 * CPU and memory of the export, each protocol in a process of its own, bundled and with V8's flags as the agent has
 * them; the endpoint lives in this process, so its cost doesn't count. Run: node --import tsx test/bench/export.ts
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { startEndpoint } from "../export/support/endpoint.ts";
import { startGrpcEndpoint } from "../export/support/grpc-endpoint.ts";

const flags = ["--max-semi-space-size=1", "--max-old-space-size=48"];
const rates = [
  { spansPerSecond: 10_000, seconds: 8 },
  { spansPerSecond: 40_000, seconds: 4 },
];

interface Cost {
  /** Megabytes. */
  idle: number;
  peak: number;
  /** Microseconds. */
  cpu: number;
  counts: { added: number; exported: number; dropped: Record<string, number> };
}

const folder = mkdtempSync(join(tmpdir(), "otel-go-auto-bench-"));
const bundle = join(folder, "load.mjs");
await build({
  entryPoints: [new URL("./export-load.ts", import.meta.url).pathname],
  outfile: bundle,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  mainFields: ["module", "main"],
  minifySyntax: true,
  // gRPC's modules are CommonJS and ask for Node's own by `require`.
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
  logLevel: "error",
});
const http = await startEndpoint();
const grpc = await startGrpcEndpoint();
const endpoints = {
  none: "",
  "http/protobuf": http.url,
  "http/json": http.url,
  grpc: `http://127.0.0.1:${grpc.port}`,
};

console.log("protocol       spans/s   µs CPU/span   RSS idle   RSS peak   exported   dropped");
for (const { spansPerSecond, seconds } of rates) {
  for (const [protocol, endpoint] of Object.entries(endpoints)) {
    const args = [...flags, bundle, protocol, endpoint, String(spansPerSecond), String(seconds)];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const { idle, peak, cpu, counts }: Cost = JSON.parse(stdout);
    const dropped = Object.values(counts.dropped).reduce((sum, count) => sum + count, 0);
    const cells = [
      String(spansPerSecond).padStart(7),
      (cpu / counts.added).toFixed(2).padStart(13),
      `${idle.toFixed(0)} MB`.padStart(10),
      `${peak.toFixed(0)} MB`.padStart(10),
      String(counts.exported).padStart(10),
      String(dropped).padStart(9),
    ];
    console.log(`${protocol.padEnd(13)} ${cells.join(" ")}`);
    http.received.length = 0;
    grpc.received.length = 0;
  }
}
await http.close();
await grpc.close();
rmSync(folder, { recursive: true });
