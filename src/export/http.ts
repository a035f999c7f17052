import http from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import { createOtlpHttpExportDelegate } from "@opentelemetry/otlp-exporter-base/node-http";
import type { OtlpOptions } from "../config/config.ts";
import type { SendResult } from "./batcher.ts";
import { createSend, payloadMetrics, type Sender } from "./sender.ts";
import type { Signal } from "./signal.ts";
import { readTlsFiles } from "./tls-files.ts";

/** The transport's timeout starts anew with every byte; an endpoint that trickles would hold a request forever. */
const graceMs = 2000;

const contentTypes = { "http/protobuf": "application/x-protobuf", "http/json": "application/json" } as const;

export interface HttpOptions extends OtlpOptions {
  readonly protocol: "http/protobuf" | "http/json";
}

/** OTLP over HTTP/1.1. `onConnectError` hears of each connection that fails, long before the retries end. */
export function createHttpSender(
  signal: Signal,
  options: HttpOptions,
  onConnectError: (error: Error) => void,
): Sender {
  const agent = createAgent(options, onConnectError);
  const send = createSend(
    signal,
    options,
    options.protocol === "http/json" ? "json" : "protobuf",
    (serializer) =>
      createOtlpHttpExportDelegate(
        {
          url: options.endpoint,
          timeoutMillis: options.timeoutMs,
          compression: options.compression === "gzip" ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
          concurrencyLimit: Number.POSITIVE_INFINITY, // the batcher has the bound
          headers: async () => ({ ...options.headers, "Content-Type": contentTypes[options.protocol] }),
          agentFactory: () => agent,
        },
        serializer,
        "otlp_http_exporter",
        payloadMetrics,
        undefined,
      ),
  );
  return {
    send: (payload) => withDeadline(send(payload), options.timeoutMs + graceMs, () => agent.destroy()),
    close: () => agent.destroy(),
  };
}

function createAgent(options: OtlpOptions, onConnectError: (error: Error) => void): http.Agent {
  const secure = new URL(options.endpoint).protocol === "https:";
  const agent = secure
    ? new https.Agent({ keepAlive: true, ...readTlsFiles(options) })
    : new http.Agent({ keepAlive: true });
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (...parameters) => {
    const socket = connect(...parameters) as Socket | undefined;
    socket?.once("error", onConnectError);
    socket?.once(secure ? "secureConnect" : "connect", () => socket.off("error", onConnectError));
    return socket;
  };
  return agent;
}

/** `result`, or a failure when it is not there in time; `abort` then ends whatever is still going on. */
async function withDeadline(result: Promise<SendResult>, ms: number, abort: () => void): Promise<SendResult> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<SendResult>((resolve) => {
    timer = setTimeout(() => {
      resolve({ ok: false, error: new Error("Request timed out") });
      abort();
    }, ms);
  });
  try {
    return await Promise.race([result, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
