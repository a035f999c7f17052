import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildGo } from "../../fixtures/go-binaries.ts";
import { decodeTraces, type ReceivedSpan } from "./otlp-json.ts";
import { decodeMetrics, type ReceivedPoint } from "./otlp-metrics-json.ts";
import { freePorts, type Running, sleep, start } from "./process.ts";

export type { ReceivedSpan, Value } from "./otlp-json.ts";
export type { ReceivedPoint } from "./otlp-metrics-json.ts";

/** The Go version that builds the collector; its newest modules want 1.25 or later. */
const goVersion = "1.26.8";
const collectorSource = join(import.meta.dirname, "..", "..", "collector");

export interface Collector {
  /** "http://127.0.0.1:PORT" */
  readonly grpcEndpoint: string;
  readonly httpEndpoint: string;
  /** Every span that was received so far, in the order of arrival. */
  spans(): Promise<ReceivedSpan[]>;
  /** The spans as soon as `enough` says so, or what there is after `milliseconds`. */
  waitFor(
    enough: (spans: readonly ReceivedSpan[]) => boolean,
    milliseconds?: number,
  ): Promise<ReceivedSpan[]>;
  /** The points of all metrics that were received, in the same ways. */
  points(): Promise<ReceivedPoint[]>;
  waitForPoints(
    enough: (points: readonly ReceivedPoint[]) => boolean,
    milliseconds?: number,
  ): Promise<ReceivedPoint[]>;
  stop(): Promise<void>;
}

/** A real OpenTelemetry Collector on loopback ports; the first call builds it, which takes some minutes. */
export async function startCollector(ports?: Ports): Promise<Collector> {
  const executable = await buildCollector();
  const directory = await mkdtemp(join(tmpdir(), "otel-go-auto-collector-"));
  const [collector, { grpc, http }] = await listen(executable, directory, ports);
  const spans = receivedFrom(tracesFile(directory), decodeTraces);
  const points = receivedFrom(metricsFile(directory), decodeMetrics);
  return {
    grpcEndpoint: `http://127.0.0.1:${grpc}`,
    httpEndpoint: `http://127.0.0.1:${http}`,
    spans,
    waitFor: (enough, milliseconds) => waitUntil(spans, enough, milliseconds),
    points,
    waitForPoints: (enough, milliseconds) => waitUntil(points, enough, milliseconds),
    async stop() {
      await collector.stop();
      await Promise.all([spans(), points()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export function buildCollector(): Promise<string> {
  return buildGo({ go: goVersion, source: collectorSource, flags: ["-trimpath", "-ldflags=-s -w"] });
}

const tracesFile = (directory: string) => join(directory, "traces.json");
const metricsFile = (directory: string) => join(directory, "metrics.json");

const configuration = (grpc: number, http: number, directory: string) => `
receivers:
  otlp:
    protocols:
      grpc: { endpoint: "127.0.0.1:${grpc}", max_recv_msg_size_mib: 64 }
      http: { endpoint: "127.0.0.1:${http}" }
exporters:
  file/traces: { path: "${tracesFile(directory)}", flush_interval: 50ms }
  file/metrics: { path: "${metricsFile(directory)}", flush_interval: 50ms }
  debug: { verbosity: basic }
service:
  telemetry:
    metrics: { level: none }
    logs: { level: warn }
  pipelines:
    traces: { receivers: [otlp], exporters: [file/traces, debug] }
    metrics: { receivers: [otlp], exporters: [file/metrics] }
`;

interface Ports {
  readonly grpc: number;
  readonly http: number;
}

/** Starts it on the ports, or on free ones, which somebody else may take first: then on others. */
async function listen(
  executable: string,
  directory: string,
  wanted: Ports | undefined,
): Promise<[Running, Ports]> {
  const config = join(directory, "config.yaml");
  for (let attempt = 1; ; attempt++) {
    const [grpc = 0, http = 0] = wanted ? [wanted.grpc, wanted.http] : await freePorts(2);
    await writeFile(config, configuration(grpc, http, directory));
    const collector = start(executable, ["--config", config]);
    try {
      await listening(collector, [grpc, http]);
      return [collector, { grpc, http }];
    } catch (error) {
      await collector.stop("SIGKILL");
      if (wanted || attempt === 5) throw error;
    }
  }
}

/** Waits until each port answers and the process that should have opened it lives. */
async function listening(collector: Running, ports: readonly number[]): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (const port of ports) {
    while (!(await answers(port))) {
      if (collector.child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`the collector does not listen on ${port}:\n${collector.stderr()}`);
      }
      await sleep(20);
    }
  }
  if (collector.child.exitCode !== null) throw new Error(`the collector ended:\n${collector.stderr()}`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

/** Everything that was received so far, in the order of arrival, out of the collector's file. */
function receivedFrom<Item>(file: string, decode: (line: string) => Item[]): () => Promise<Item[]> {
  const received: Item[] = [];
  const nextLines = lineReader(file);
  return async () => {
    for (const line of await nextLines()) for (const item of decode(line)) received.push(item);
    return received;
  };
}

/** What there is as soon as `enough` says so, or after `milliseconds`. */
async function waitUntil<Item>(
  received: () => Promise<Item[]>,
  enough: (items: readonly Item[]) => boolean,
  milliseconds = 10_000,
): Promise<Item[]> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const items = await received();
    if (enough(items) || Date.now() >= deadline) return items;
    await sleep(50);
  }
}

/** Reads a growing file: each call gives the whole lines that came since the one before. */
function lineReader(path: string): () => Promise<string[]> {
  let position = 0;
  let rest = Buffer.alloc(0);
  return async () => {
    const file = await open(path, "r").catch(() => undefined);
    if (!file) return [];
    try {
      const { size } = await file.stat();
      const { buffer } = await file.read(Buffer.alloc(size - position), 0, size - position, position);
      position = size;
      const whole = Buffer.concat([rest, buffer]);
      const end = whole.lastIndexOf("\n") + 1;
      rest = whole.subarray(end);
      return whole.toString("utf8", 0, end).split("\n").filter(Boolean);
    } finally {
      await file.close();
    }
  };
}
