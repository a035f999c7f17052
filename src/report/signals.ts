/** How messages about an export speak of what is exported. */
export interface SignalWords {
  readonly name: "traces" | "metrics";
  /** What the user loses: "spans". */
  readonly many: string;
  readonly one: string;
  /** What goes on while the export fails. */
  readonly stillWorks: string;
  /** What to do when nothing listens, when the path is wrong, and when a request is too large. */
  readonly ifRefused: string;
  readonly ifWrongPath: string;
  readonly ifTooLarge: string;
}

export const signalWords = {
  traces: {
    name: "traces",
    many: "spans",
    one: "span",
    stillWorks:
      "the target runs undisturbed; spans wait while there is room, and what is refused or too old is counted",
    ifRefused: "start a collector there, or set --endpoint; --console shows traces without one",
    ifWrongPath: "check the path in --endpoint; a collector takes traces at /v1/traces",
    ifTooLarge: "lower OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
  },
  metrics: {
    name: "metrics",
    many: "metric values",
    one: "metric value",
    stillWorks:
      "the target runs undisturbed, traces are not concerned, and the next values are tried as usual",
    ifRefused: "start a collector there, or set OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    ifWrongPath:
      "give the collector a pipeline for metrics, or set OTEL_EXPORTER_OTLP_METRICS_ENDPOINT, or OTEL_METRICS_EXPORTER=none",
    ifTooLarge: "raise the endpoint's limit",
  },
} as const satisfies Record<string, SignalWords>;
