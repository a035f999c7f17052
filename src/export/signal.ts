import type { SignalWords } from "../report/signals.ts";

export type WireFormat = "protobuf" | "json";

/** What an endpoint that accepted a request says of parts that it refused. A server may send anything. */
export interface Answer {
  readonly rejected: unknown;
  readonly message: unknown;
}

/** What differs between the export of traces and that of metrics. */
export interface Signal {
  readonly words: SignalWords;
  /** OTLP's gRPC service. */
  readonly grpcService: string;
  readonly readAnswer: (format: WireFormat, data: Uint8Array) => Answer;
}
