import type { Attributes } from "@opentelemetry/api";
import {
  ATTR_DB_CLIENT_CONNECTION_POOL_NAME,
  ATTR_DB_CLIENT_CONNECTION_STATE,
  METRIC_DB_CLIENT_CONNECTION_COUNT,
  METRIC_DB_CLIENT_CONNECTION_IDLE_MAX,
  METRIC_DB_CLIENT_CONNECTION_MAX,
  METRIC_DB_CLIENT_CONNECTION_PENDING_REQUESTS,
} from "@opentelemetry/semantic-conventions/incubating";
import type { LibraryMetric, SpanFacts } from "../../descriptor.ts";
import { type Database, databasesOf } from "./databases.ts";

/** Milliseconds after which the state of a pool that nobody has used is no longer told: it may have changed. */
const maxAge = 60_000;

/** The pools of a target's sql.DBs, each as its last call but for itself found it. */
export function poolMetrics(facts: SpanFacts, now = performance.now()): readonly LibraryMetric[] {
  const names = new Map<string, number>();
  return [...databasesOf(facts).values()]
    .filter(({ toldAt }) => now - toldAt <= maxAge)
    .flatMap((database) => metricsOf(database, unused(names, poolName(database))));
}

/** https://opentelemetry.io/docs/specs/semconv/database/database-metrics/ says how to name a pool that has no name. */
function poolName({ system, namespace, address, port }: Database): string {
  const server = address && (port === undefined ? address : `${address}:${port}`);
  return [server, namespace].filter(Boolean).join("/") || system;
}

/** Two sql.DBs may lead to the same database. */
function unused(names: Map<string, number>, name: string): string {
  const count = (names.get(name) ?? 0) + 1;
  names.set(name, count);
  return count === 1 ? name : `${name}#${count}`;
}

function metricsOf({ pool }: Database, name: string): readonly LibraryMetric[] {
  const { open, idle, maxOpen, maxIdle, waiting } = pool;
  const attributes = { [ATTR_DB_CLIENT_CONNECTION_POOL_NAME]: name };
  const inState = (state: string): Attributes => ({
    ...attributes,
    [ATTR_DB_CLIENT_CONNECTION_STATE]: state,
  });
  const count = "Connections that are in the state";
  return [
    connections(METRIC_DB_CLIENT_CONNECTION_COUNT, count, idle, inState("idle")),
    connections(METRIC_DB_CLIENT_CONNECTION_COUNT, count, Math.max(open - idle, 0), inState("used")),
    ...(maxOpen === undefined
      ? []
      : [connections(METRIC_DB_CLIENT_CONNECTION_MAX, "Most open connections allowed", maxOpen, attributes)]),
    connections(METRIC_DB_CLIENT_CONNECTION_IDLE_MAX, "Most idle connections kept", maxIdle, attributes),
    ...(waiting === undefined
      ? []
      : [
          {
            ...connections(
              METRIC_DB_CLIENT_CONNECTION_PENDING_REQUESTS,
              "Calls that wait",
              waiting,
              attributes,
            ),
            unit: "{request}",
          },
        ]),
  ];
}

function connections(
  name: string,
  description: string,
  value: number,
  attributes: Attributes,
): LibraryMetric {
  return { name, description, unit: "{connection}", kind: "updowncounter", value, attributes };
}
