import { decodeAttributes, type JsonAttribute, type Value } from "./otlp-json.ts";

/** A point of a metric as the collector received it. Times are nanoseconds since the epoch. */
export interface ReceivedPoint {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly kind: "gauge" | "counter" | "updowncounter" | "histogram";
  readonly cumulative: boolean;
  readonly valueType: "int" | "double";
  /** Of a histogram, how many values it has. */
  readonly value: number;
  readonly histogram: ReceivedHistogram | undefined;
  readonly start: bigint;
  readonly time: bigint;
  readonly attributes: Readonly<Record<string, Value>>;
  readonly scope: { readonly name: string; readonly version: string; readonly schemaUrl: string };
  readonly resource: Readonly<Record<string, Value>>;
}

export interface ReceivedHistogram {
  readonly sum: number;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly boundaries: readonly number[];
  readonly counts: readonly number[];
  readonly exemplars: readonly {
    readonly value: number;
    readonly traceId: string;
    readonly spanId: string;
  }[];
}

interface JsonPoint {
  count?: string;
  sum?: number;
  min?: number;
  max?: number;
  bucketCounts?: string[];
  explicitBounds?: number[];
  exemplars?: { asDouble: number; traceId: string; spanId: string }[];
  attributes?: JsonAttribute[];
  startTimeUnixNano?: string;
  timeUnixNano: string;
  asInt?: string;
  asDouble?: number;
}
interface JsonMetric {
  name: string;
  description?: string;
  unit?: string;
  gauge?: { dataPoints?: JsonPoint[] };
  histogram?: { dataPoints?: JsonPoint[]; aggregationTemporality?: number };
  sum?: { dataPoints?: JsonPoint[]; aggregationTemporality?: number; isMonotonic?: boolean };
}
interface JsonMetrics {
  resourceMetrics?: {
    resource?: { attributes?: JsonAttribute[] };
    schemaUrl?: string;
    scopeMetrics?: {
      scope?: { name?: string; version?: string };
      schemaUrl?: string;
      metrics?: JsonMetric[];
    }[];
  }[];
}

/** AGGREGATION_TEMPORALITY_CUMULATIVE of opentelemetry/proto/metrics/v1/metrics.proto. */
const cumulative = 2;

/** The points of one line of the collector's file. */
export function decodeMetrics(line: string): ReceivedPoint[] {
  const { resourceMetrics = [] } = JSON.parse(line) as JsonMetrics;
  return resourceMetrics.flatMap(({ resource, schemaUrl, scopeMetrics = [] }) =>
    scopeMetrics.flatMap(({ scope, schemaUrl: scopeUrl, metrics = [] }) => {
      const around = {
        scope: {
          name: scope?.name ?? "",
          version: scope?.version ?? "",
          schemaUrl: scopeUrl ?? schemaUrl ?? "",
        },
        resource: decodeAttributes(resource?.attributes),
      };
      return metrics.flatMap((metric) => decodeMetric(metric).map((point) => ({ ...point, ...around })));
    }),
  );
}

function decodeMetric({ name, description = "", unit = "", gauge, sum, histogram }: JsonMetric) {
  const kind = histogram ? "histogram" : gauge ? "gauge" : sum?.isMonotonic ? "counter" : "updowncounter";
  const isCumulative = (sum ?? histogram)?.aggregationTemporality === cumulative;
  return ((histogram ?? gauge ?? sum)?.dataPoints ?? []).map(
    (point) => ({ name, description, unit, kind, cumulative: isCumulative, ...decodePoint(point) }) as const,
  );
}

function decodePoint(point: JsonPoint) {
  const { attributes, startTimeUnixNano = "0", timeUnixNano, asInt, asDouble, count } = point;
  return {
    valueType: asInt === undefined ? "double" : "int",
    value: Number(count ?? asInt ?? asDouble),
    histogram: count === undefined ? undefined : decodeHistogram(point),
    start: BigInt(startTimeUnixNano),
    time: BigInt(timeUnixNano),
    attributes: decodeAttributes(attributes),
  } as const;
}

function decodeHistogram({
  sum = 0,
  min,
  max,
  bucketCounts = [],
  explicitBounds = [],
  exemplars = [],
}: JsonPoint) {
  return {
    sum,
    min,
    max,
    boundaries: explicitBounds,
    counts: bucketCounts.map(Number),
    exemplars: exemplars.map(({ asDouble, traceId, spanId }) => ({ value: asDouble, traceId, spanId })),
  };
}
