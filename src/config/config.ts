import type { LogLevel } from "../report/log.ts";
import type { ListenAddress } from "./listen.ts";
import type { Rule } from "./rules/rule.ts";

export const exporters = ["otlp", "console", "none"] as const;
export type Exporter = (typeof exporters)[number];

export const metricsExporters = ["otlp", "none"] as const;

export const otlpProtocols = ["http/protobuf", "http/json", "grpc"] as const;
export type OtlpProtocol = (typeof otlpProtocols)[number];

export const otlpCompressions = ["gzip", "none"] as const;

/** https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ names these six. */
export const samplerKinds = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;
export type SamplerKind = (typeof samplerKinds)[number];

/** What becomes of goroutines that a request starts: "links" when they outlive it, or "spans" of their own as well. */
export const goroutines = ["off", "links", "spans"] as const;

export const propagators = ["tracecontext", "baggage", "b3", "b3multi"] as const;
export type Propagator = (typeof propagators)[number];

/** A share of the requests whose path it names, instead of the sampler's; 0 leaves them out, whoever asks for them. */
export interface SamplingRule {
  /** The whole path, or with a "*" at its end, what it begins with: "/healthz", "/internal/*". */
  readonly path: string;
  /** From 0 to 1. */
  readonly ratio: number;
}

/** Names of headers that become attributes, in lower case. */
export interface CapturedHeaders {
  readonly serverRequest: readonly string[];
  readonly serverResponse: readonly string[];
  readonly clientRequest: readonly string[];
  readonly clientResponse: readonly string[];
}

/** What may change while the agent runs: by the config file, at SIGHUP or when the file changes. */
export interface LiveSettings {
  /** The ratio is 1 for samplers that have none. */
  readonly sampler: { readonly kind: SamplerKind; readonly ratio: number };
  /** The first that fits a path counts. */
  readonly samplingRules: readonly SamplingRule[];
  /** Functions whose calls become spans. */
  readonly functionRules: readonly Rule[];
  /** Import paths or their last parts, as the user wrote them. */
  readonly disabledLibraries: readonly string[];
  readonly capturedHeaders: CapturedHeaders;
  /** Log records that the program writes are added to their spans. */
  readonly logEvents: boolean;
  readonly goroutines: (typeof goroutines)[number];
  readonly logLevel: LogLevel;
}

/** Where OTLP goes, ready for use: the endpoint has its scheme, which decides about TLS, and for HTTP its path. */
export interface OtlpOptions {
  readonly endpoint: string;
  readonly protocol: OtlpProtocol;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly compression: (typeof otlpCompressions)[number];
  /** Paths of readable PEM files. */
  readonly certificate?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
}

/** Values that are sent at an interval, besides spans. */
export interface MetricsOptions {
  readonly otlp: OtlpOptions;
  readonly intervalMs: number;
}

/** Where newer offsets come from. `authorization` is what stood in front of an "@", and must not be shown. */
export type OffsetsSource =
  | { readonly kind: "url"; readonly url: string; readonly authorization: string | undefined }
  | { readonly kind: "path"; readonly path: string };

export interface OffsetsOptions {
  readonly from: OffsetsSource | undefined;
  /** A cron expression, in UTC. */
  readonly schedule: string | undefined;
  /** Absolute path of the file that updates are kept in. */
  readonly file: string;
}

/** Everything that the user can say, checked and frozen. Undefined means that nothing was said. */
export interface Config {
  /** The config file as it was given: while there is one, `live` may change. */
  readonly file: string | undefined;
  /** Either some pids or an executable's path, never both; neither when the agent itself starts what it traces. */
  readonly targets: { readonly pids: readonly number[]; readonly exe: string | undefined };
  readonly service: {
    readonly name: string | undefined;
    readonly version: string | undefined;
    /** Value of deployment.environment.name. */
    readonly environment: string | undefined;
    readonly resourceAttributes: Readonly<Record<string, string>>;
  };
  readonly exporter: Exporter;
  readonly otlp: OtlpOptions;
  /** Undefined: no metrics are wanted. */
  readonly metrics: MetricsOptions | undefined;
  /** Durations of requests and calls are measured, also of those that are not sampled. */
  readonly requestMetrics: boolean;
  /** Where /healthz, /readyz and /metrics are; undefined: nowhere. */
  readonly statusAddress: ListenAddress | undefined;
  readonly live: LiveSettings;
  readonly propagators: readonly Propagator[];
  readonly batch: {
    readonly maxQueueSize: number | undefined;
    readonly maxExportBatchSize: number | undefined;
    readonly scheduleDelayMs: number | undefined;
    readonly exportTimeoutMs: number | undefined;
  };
  /** Of a span's attributes: how many, and characters of a text or of each text of a list. */
  readonly attributeLimits: { readonly count: number; readonly valueLength: number | undefined };
  /** Spans that the application makes with OpenTelemetry's API are traced. */
  readonly applicationSpans: boolean;
  /** False: attach nothing. */
  readonly enabled: boolean;
  readonly semconv: { readonly httpDup: boolean; readonly databaseDup: boolean; readonly rpcDup: boolean };
  readonly database: {
    /** Texts of queries become attributes, their literals masked. */
    readonly includeStatement: boolean;
    /** Operation and table are read out of them. */
    readonly parseStatement: boolean;
  };
  readonly showVerifierLog: boolean;
  /** How stdout tells of each target that has been attached; undefined: not at all. */
  readonly startReport: "json" | undefined;
  readonly offsets: OffsetsOptions;
}
