/** What a receiver got against what was traced. */
import type { ReceivedSpan } from "../e2e/support/otlp-json.ts";

/** One line of a receiver, see `calls/receive.go`. A header that didn't come is null, or an empty list. */
export interface Received {
  readonly number: number;
  readonly protocol: string;
  readonly traceparents: readonly string[] | null;
  readonly tracestates: readonly string[] | null;
  readonly baggages: readonly string[] | null;
  /** Single and multi, one behind the other. */
  readonly b3: readonly string[];
  /** How many of the caller's own. */
  readonly headers: number;
  /** With metadata of a length of its own, in place of many. */
  readonly padded?: boolean;
}

type Which = "all" | "some" | "b3";

/** What `calls/serve.go` sets itself, by the request's number. */
const ownTraceparent = "00-11111111111111111111111111111111-2222222222222222-01";
/** Whether a request comes with a traceparent of the caller's own. */
export const hasOwn = ({ number, padded }: Received) => (number % 14 === 3 || number % 14 === 10) && !padded;
const headersOf = ({ number, padded }: Received) => (number % 2 === 0 && !padded ? 30 : 1);

/** Of the request that `calls ask` sends. */
const askedIn = {
  traceId: "0af7651916cd43dd8448eb211c80319c",
  tracestate: "vm=1",
  baggage: `user=${"a".repeat(140)}`,
};

/**
 * "all": each request has to have a span and carry it. "some": what carries one carries the right one. "b3": all,
 * and in the formats of B3 too, for which what else there is may give way.
 */
export function faults(
  received: readonly Received[],
  spans: readonly ReceivedSpan[],
  which: Which,
): string[] {
  const clients = new Map(
    spans.filter(({ kind }) => kind === "client").map((span) => [numberOf(span), span]),
  );
  return received.flatMap((request) =>
    faultsOf(request, clients.get(request.number), which).map(
      (fault) => `request ${request.number} (${request.protocol}): ${fault}`,
    ),
  );
}

/** In a request's query, or in the name of a call's method. */
function numberOf({ name, attributes }: ReceivedSpan): number {
  return Number(/(?:number=|\/Call)(\d+)/.exec(`${attributes["url.full"]} ${name}`)?.[1]);
}

function faultsOf(request: Received, span: ReceivedSpan | undefined, which: Which): string[] {
  const { headers } = request;
  const traceparents = request.traceparents ?? [];
  const own = headers === headersOf(request) ? [] : [`${headers} headers of its own`];
  if (hasOwn(request)) return [...own, ...unlike("traceparents", traceparents, [ownTraceparent])];
  if (which === "some" && (span === undefined || traceparents.length === 0)) return own;
  if (span === undefined) return [...own, "no span"];
  // Of the caller's own request, which the agent may not have seen begin.
  const inTrace = which !== "some" || span.traceId === askedIn.traceId;
  const { traceId, spanId } = span;
  // There may be no room for all.
  const mayLack = which === "b3" || request.padded;
  const b3 = which === "b3" ? [`${traceId}-${spanId}-1`, traceId, spanId, "1"] : [];
  return [
    ...own,
    ...unlike("traceparents", traceparents, [`00-${traceId}-${spanId}-01`]),
    ...unlike("B3", request.b3, b3),
    ...(mayLack ? [] : unlike("tracestates", request.tracestates ?? [], inTrace ? [askedIn.tracestate] : [])),
    ...(mayLack ? [] : unlike("baggages", request.baggages ?? [], inTrace ? [askedIn.baggage] : [])),
    ...(inTrace && traceId !== askedIn.traceId ? [`its trace is ${traceId}`] : []),
  ];
}

function unlike(what: string, got: readonly string[], wanted: readonly string[]): string[] {
  return got.join("|") === wanted.join("|") ? [] : [`${what} ${got.join("|")}, not ${wanted.join("|")}`];
}
