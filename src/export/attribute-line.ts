import { valueText } from "../libraries/span-parts.ts";
import { printable } from "../report/printable.ts";
import type { SpanRecord } from "../spans/types.ts";

/** What a reader of a trace wants to know first, in this order, with shorter names. */
const important: readonly (readonly [attribute: string, label: string])[] = [
  ["http.request.method", "method"],
  ["http.route", "route"],
  ["url.full", "url"],
  ["url.path", "path"],
  ["url.query", "query"],
  ["rpc.method", "rpc"],
  ["rpc.response.status_code", "status"],
  ["rpc.messages.sent", "sent"],
  ["rpc.messages.received", "received"],
  ["db.system.name", "db"],
  ["db.namespace", "namespace"],
  ["db.query.summary", "statement"],
  ["messaging.system", "messaging"],
  ["messaging.destination.name", "destination"],
  ["messaging.destination.partition.id", "partition"],
  ["messaging.kafka.offset", "offset"],
  ["messaging.kafka.message.key", "key"],
  ["messaging.batch.message_count", "messages"],
  ["error.type", "error"],
  ["server.address", "server"],
  ["client.address", "client"],
];

/**
 * "path /items/5 · client 127.0.0.1": the attributes that matter, as far as the span has them. What its name says
 * already is left out: "GET /items/{id}" needs neither method nor route, and so is gRPC's "OK", which stands behind the
 * bar. An error that is named as its status is said once.
 */
export function attributeLine({ name, attributes }: Pick<SpanRecord, "name" | "attributes">): string {
  const status = attributes["rpc.response.status_code"];
  const client = attributes["client.address"];
  const said = new Set([...name.split(" "), "OK"]);
  return important
    .flatMap(([attribute, label]) => {
      const value = attributes[attribute];
      if (value === undefined || value === "" || said.has(String(value))) return [];
      if (attribute === "error.type" && value === status) return [];
      // Who serves a call is asked of its client; HTTP's says it by its URL.
      if (attribute === "server.address" && (status === undefined || client !== undefined)) return [];
      return [`${label} ${printable(valueText(value))}`];
    })
    .join(" · ");
}

/** Where the agent's libraries have their attributes. */
const conventions = /^(http|url|server|client|network|net|user_agent|db|rpc|messaging|error|code)\./;

/** "order.id 17 · items 2": what the program's own spans and the user's rules tell beside that. */
export function ownAttributeLine({ attributes }: Pick<SpanRecord, "attributes">): string {
  return Object.entries(attributes)
    .filter(([attribute, value]) => value !== undefined && !conventions.test(attribute))
    .map(([attribute, value]) => `${printable(attribute)} ${printable(valueText(value))}`)
    .join(" · ");
}
