/** OTLP over gRPC. Loaded only when it is asked for: its modules cost 16 MB and 0.13 CPU-seconds at start. */
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import {
  createEmptyMetadata,
  createInsecureCredentials,
  createOtlpGrpcExportDelegate,
  createSslCredentials,
} from "@opentelemetry/otlp-grpc-exporter-base";
import type { OtlpOptions } from "../config/config.ts";
import type { SendResult } from "./batcher.ts";
import { grpcStatus } from "./failure.ts";
import type { Payload } from "./payload.ts";
import { createSend, payloadMetrics, type Sender } from "./sender.ts";
import type { Signal } from "./signal.ts";
import { readTlsFiles } from "./tls-files.ts";

/** What may succeed when repeated: https://opentelemetry.io/docs/specs/otlp/#failures */
const retryable: readonly unknown[] = [
  grpcStatus.cancelled,
  grpcStatus.deadlineExceeded,
  grpcStatus.aborted,
  grpcStatus.outOfRange,
  grpcStatus.unavailable,
  grpcStatus.dataLoss,
];

const firstBackoffMs = 1000;
const maxBackoffMs = 5000;

export function createGrpcSender(
  signal: Signal,
  options: OtlpOptions,
  onAttemptFailed: (error: Error) => void,
): Sender {
  let closed = false;
  const close: (() => void)[] = [];
  const send = createSend(signal, options, "protobuf", (serializer) => {
    const delegate = createOtlpGrpcExportDelegate(
      {
        url: new URL(options.endpoint).host,
        timeoutMillis: options.timeoutMs,
        compression: options.compression === "gzip" ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
        concurrencyLimit: Number.POSITIVE_INFINITY, // the batcher has the bound
        metadata: () => metadataOf(options.headers),
        credentials: credentialsOf(options),
      },
      serializer,
      "otlp_grpc_exporter",
      payloadMetrics,
      undefined,
      signal.grpcService,
      `/${signal.grpcService}/Export`,
    );
    close.push(() => void delegate.shutdown());
    return delegate;
  });

  /** The gRPC transport does not retry by itself, the HTTP one does. */
  async function sendWithRetries(payload: Payload): Promise<SendResult> {
    const deadline = Date.now() + options.timeoutMs;
    let backoff = firstBackoffMs;
    for (;;) {
      const result = await send(payload);
      if (result.ok || !("code" in result.error && retryable.includes(result.error.code))) return result;
      onAttemptFailed(result.error);
      const wait = backoff * (0.8 + 0.4 * Math.random());
      if (closed || Date.now() + wait >= deadline) return result;
      await new Promise((resolve) => setTimeout(resolve, wait));
      backoff = Math.min(backoff * 1.5, maxBackoffMs);
    }
  }

  return {
    send: sendWithRetries,
    close: () => {
      closed = true;
      for (const end of close) end();
    },
  };
}

function metadataOf(headers: Readonly<Record<string, string>>) {
  const metadata = createEmptyMetadata();
  for (const [key, value] of Object.entries(headers)) metadata.set(key, value);
  return metadata;
}

/** The files are read now and not at the first export, so that a wrong one is said at start. */
function credentialsOf(options: OtlpOptions) {
  if (new URL(options.endpoint).protocol !== "https:") return createInsecureCredentials;
  const { ca, key, cert } = readTlsFiles(options);
  return () => createSslCredentials(ca, key, cert);
}
