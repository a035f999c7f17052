import type { OtlpOptions } from "../config/config.ts";
import { Batcher } from "./batcher.ts";
import { routeDiagnostics } from "./diagnostics.ts";
import { checkEndpoint } from "./endpoint-check.ts";
import type { SpanExporter } from "./exporter.ts";
import { ExportHealth } from "./health.ts";
import { JsonPayloadBuilder } from "./json.ts";
import type { BatchOptions } from "./options.ts";
import { ProtobufPayloadBuilder } from "./protobuf/payload.ts";
import { proxyVariables } from "./proxy.ts";
import { createSender } from "./senders.ts";
import { traces } from "./traces.ts";

/** Throws a UserError when a TLS file cannot be used. */
export async function createOtlpExporter(otlp: OtlpOptions, batch: BatchOptions): Promise<SpanExporter> {
  routeDiagnostics();
  const health = new ExportHealth(otlp, traces.words);
  const sender = await createSender(traces, otlp, (error) => health.attemptFailed(error));
  const batcher = new Batcher({
    builder: otlp.protocol === "http/json" ? new JsonPayloadBuilder() : new ProtobufPayloadBuilder(),
    send: sender.send,
    options: batch,
    onResult: (result, spans) => health.finished(result, spans),
  });
  return {
    counts: batcher.counts,
    check: async () => {
      const found = await checkEndpoint(traces, otlp, proxyVariables(otlp, process.env).used !== undefined);
      if (!found.ok) health.refused(found.cause);
    },
    add: (span) => batcher.add(span),
    flush: (deadlineMs) => batcher.flush(deadlineMs),
    shutdown: async (deadlineMs) => {
      await batcher.shutdown(deadlineMs);
      sender.close();
    },
  };
}
