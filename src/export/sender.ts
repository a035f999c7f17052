import type { ExportResult } from "@opentelemetry/core";
import type { IOtlpExportDelegate } from "@opentelemetry/otlp-exporter-base";
import type { IExporterMetricsHelper, ISerializer } from "@opentelemetry/otlp-transformer";
import type { OtlpOptions } from "../config/config.ts";
import type { SendResult } from "./batcher.ts";
import { withoutSecrets } from "./own-secrets.ts";
import type { Payload } from "./payload.ts";
import type { Answer, Signal, WireFormat } from "./signal.ts";

/** One way of sending payloads to one endpoint. */
export interface Sender {
  /** Never rejects. */
  send(payload: Payload): Promise<SendResult>;
  /** Closes the connections; sends that still run fail. */
  close(): void;
}

/** The endpoint says 200 with a web page: a login form, or the user interface of a backend. It took nothing. */
export class WebPageError extends Error {}

/** It says 200, and closes the connection within its answer, as a proxy does whose server has gone away. */
export class CutAnswerError extends Error {}

type Delegate = IOtlpExportDelegate<Payload>;
type Serializer = ISerializer<Payload, object>;

/** For metrics of the exporter itself, which nobody asks for. */
export const payloadMetrics: IExporterMetricsHelper<Payload> = {
  name: "span",
  countItems: (payload) => payload.items,
};

const nothingRejected: Answer = { rejected: 0, message: undefined };

/**
 * What a server says comes out of here without what must not be shown.
 *
 * An OTel export delegate reports a partial success to its log only. But it reads the response just before it calls
 * back, without a pause in between: so what the serializer saw last belongs to the result that comes next.
 */
export function createSend(
  signal: Signal,
  options: Pick<OtlpOptions, "endpoint" | "headers">,
  format: WireFormat,
  createDelegate: (serializer: Serializer) => Delegate,
): (payload: Payload) => Promise<SendResult> {
  const clean = withoutSecrets(options);
  let answer = nothingRejected;
  let isWebPage = false;
  let wasRead = false;
  const delegate = createDelegate({
    serializeRequest: (payload) => payload.bytes,
    deserializeResponse: (data) => {
      wasRead = true;
      // Neither protobuf nor JSON of OTLP begins with "<".
      isWebPage = data[0] === 0x3c;
      if (!isWebPage) answer = signal.readAnswer(format, data);
      return {};
    },
  });
  const takeResult = (result: ExportResult): SendResult => {
    const { rejected, message } = answer;
    answer = nothingRejected;
    const webPage = isWebPage;
    isWebPage = false;
    const cut = !wasRead;
    wasRead = false;
    if (result.error) return { ok: false, error: cleaned(result.error, clean) };
    if (webPage) return { ok: false, error: new WebPageError() };
    return {
      ok: true,
      rejected: wholeNumber(rejected),
      ...(cut && { cut }),
      ...(typeof message === "string" && { message: clean(message) }),
    };
  };
  return (payload) =>
    new Promise((resolve) => delegate.export(payload, (result) => resolve(takeResult(result)))).catch(
      (error: unknown): SendResult => ({
        ok: false,
        error: error instanceof Error ? error : new Error(String(error)),
      }),
    ) as Promise<SendResult>;
}

/** An HTTP error has the body of the answer as its `data`. */
function cleaned(error: Error & { data?: unknown }, clean: (text: string) => string): Error {
  error.message = clean(error.message);
  if (typeof error.data === "string") error.data = clean(error.data);
  return error;
}

/** JSON writes an int64 as a string; a server may send anything. */
function wholeNumber(value: unknown): number {
  const number = Number(value ?? 0);
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}
