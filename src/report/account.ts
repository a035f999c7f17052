import { counted } from "./count.ts";

/** Words for what can become of a request. A new outcome is a new line here. */
interface OutcomeText {
  readonly text: string;
  /** The request should have given a span and didn't. */
  readonly isLoss: boolean;
}

export const outcomes = {
  exported: { text: "exported", isLoss: false },
  unsampled: { text: "not sampled", isLoss: false },
  leftOut: { text: "left out by a path rule", isLoss: false },
  overLimit: { text: "left out (more in a second than a rule's limit)", isLoss: false },
  tracedByApplication: { text: "left to the program, which traces them itself", isLoss: false },
  inFlight: { text: "still running", isLoss: false },
  cutOff: { text: "not traced to the end (library disabled meanwhile)", isLoss: false },
  inRing: { text: "waiting in the ring buffer", isLoss: false },
  pending: { text: "waiting for export", isLoss: false },
  ringFull: { text: "dropped (ring buffer full)", isLoss: true },
  inFlightFull: { text: "dropped (too many requests at once)", isLoss: true },
  superseded: { text: "dropped (end not seen)", isLoss: true },
  unreadable: { text: "dropped (target's memory not readable)", isLoss: true },
  malformed: { text: "dropped (record not understood)", isLoss: true },
  queueFull: { text: "dropped (queue full)", isLoss: true },
  exportFailed: { text: "dropped (export failed)", isLoss: true },
  rejected: { text: "dropped (rejected by the endpoint)", isLoss: true },
  notDrawn: { text: "not drawn (too many for the terminal)", isLoss: true },
  shutdown: { text: "dropped (not sent before the end)", isLoss: true },
} as const satisfies Record<string, OutcomeText>;

export type Outcome = keyof typeof outcomes;

/** For example "spans 50,000 = 49,988 exported + 12 dropped (queue full)". */
export function accountText(
  started: number,
  counts: Readonly<Partial<Record<Outcome, number>>>,
  missing: number,
): string {
  const parts = Object.entries(outcomes)
    .map(([outcome, { text }]) => ({ count: counts[outcome as Outcome] ?? 0, text }))
    .filter(({ count }) => count > 0)
    .map(({ count, text }) => `${number(count)} ${text}`);
  if (missing > 0) parts.push(`${number(missing)} unaccounted for`);
  const sum = parts.join(" + ") || "0";
  const excess = missing < 0 ? ` - ${number(-missing)} counted twice` : "";
  return `spans ${number(started)} = ${sum}${excess}`;
}

/** What the kernel's programs saw besides the requests of the account. */
/** For one and for several. */
export const asides = {
  endWithoutStart: [
    "request without a span: its start was not seen (it began before the probes, or its code was inlined)",
    "requests without a span: their start was not seen (they began before the probes, or their code was inlined)",
  ],
  foreign: [
    "request without a span: a ResponseWriter of an unknown kind",
    "requests without a span: a ResponseWriter of an unknown kind",
  ],
  callerUnknown: [
    "call not traced: where its caller goes on was not known yet, or shows no results",
    "calls not traced: where their caller goes on was not known yet, or shows no results",
  ],
  parentUnknown: [
    "span that may lack its parent: without a context it is not sure which request started its goroutine, or too many are open",
    "spans that may lack their parent: without a context it is not sure which request started their goroutine, or too many are open",
  ],
  fieldUnreadable: [
    "field left out: the target's memory was not readable, or headers were too many",
    "fields left out: the target's memory was not readable, or headers were too many",
  ],
  headersLeftOut: [
    "request without its captured headers: too many at once",
    "requests without their captured headers: too many at once",
  ],
  additionsLost: [
    "log record, or attribute told of the current span, that no span has: it was not sure whose it is, the ring buffer was full, or its span never came",
    "log records, or attributes told of the current span, that no span has: it was not sure whose they are, the ring buffer was full, or their span never came",
  ],
  endUnseen: [
    "span that may have ended earlier or later: nothing told its end, or too many were waiting for theirs",
    "spans that may have ended earlier or later: nothing told their end, or too many were waiting for theirs",
  ],
  textTruncated: ["text cut: longer than the room for it", "texts cut: longer than the room for them"],
} as const;

export type Aside = keyof typeof asides;

/** For example "besides: 3 texts cut: longer than the room for them"; "" when there is nothing to say. */
export function asidesText(counts: Readonly<Partial<Record<Aside, number>>>): string {
  const parts = Object.entries(asides)
    .map(([aside, text]) => ({ count: counts[aside as Aside] ?? 0, text }))
    .filter(({ count }) => count > 0)
    .map(({ count, text: [one, many] }) => counted(count, one, many));
  return parts.length === 0 ? "" : `besides: ${parts.join("; ")}`;
}

function number(value: number): string {
  return value.toLocaleString("en");
}
