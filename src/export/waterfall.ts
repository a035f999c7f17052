/**
 * A trace as a waterfall for the terminal:
 *
 *     14:03:27.123  shop  6.12 ms  trace 4bf92f3577b34da6a3ce929d0e0e4736
 *       GET /items/{id}        server  ██████████████████████████   6.12 ms  200
 *         path /items/5 · client 127.0.0.1
 */
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import type { SpanEvent } from "../libraries/span-parts.ts";
import type { Colors } from "../report/colors.ts";
import { printable } from "../report/printable.ts";
import type { SpanRecord } from "../spans/types.ts";
import { attributeLine, ownAttributeLine } from "./attribute-line.ts";
import { type Row, rowsOf } from "./trace-tree.ts";
import { durationText, nanosecondsBetween, timeOfDay } from "./units.ts";

export interface DrawOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly colors: Colors;
}

const margin = 2;
const gap = "  ";
const widths = { kind: 8, duration: 8, status: 5 } as const;
/** At least this many columns for names, so that the bars of most traces stand below each other. */
const minNameWidth = 24;
/** Deeper spans are indented no further: their names must stay readable. */
const maxIndent = 12;
/** More of a span's events don't fit into its line anyway. */
const maxEvents = 3;
const limits = { min: 72, max: 160, name: 60, serviceName: 40 } as const;

/** The spans of one trace as lines, each with its line feed. `spans` must not be empty. */
export function drawTrace(spans: readonly SpanRecord[], { width, colors }: DrawOptions): string {
  const columns = Math.min(Math.max(width, limits.min), limits.max);
  const rows = rowsOf(spans);
  const period = periodOf(spans);
  const nameWidth = nameWidthFor(rows, columns);
  const taken = margin + nameWidth + widths.kind + widths.duration + widths.status + 4 * gap.length;
  const barWidth = columns - taken;
  const lines = [header(rows, period, columns, colors)];
  for (const row of rows) {
    const parent = row.depth === 0 ? parentLine(row.span) : undefined;
    if (parent) lines.push(colors.dim(`${" ".repeat(margin)}${parent}`));
    lines.push(spanLine(row, period, { nameWidth, barWidth }, colors));
    for (const text of [detailsOf(row.span), ownAttributeLine(row.span)])
      if (text) lines.push(colors.dim(belowName(row, text, columns)));
  }
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

interface Period {
  readonly start: SpanRecord["startTime"];
  /** Nanoseconds. */
  readonly length: number;
}

function periodOf(spans: readonly SpanRecord[]): Period {
  let start = (spans[0] as SpanRecord).startTime;
  for (const span of spans) if (nanosecondsBetween(span.startTime, start) > 0) start = span.startTime;
  const length = Math.max(...spans.map((span) => nanosecondsBetween(start, span.endTime)));
  return { start, length: Math.max(length, 0) };
}

function header(rows: readonly Row[], { start, length }: Period, columns: number, colors: Colors): string {
  const { span } = rows[0] as Row;
  const id = printable(span.traceId, 32);
  const time = timeOfDay(start);
  const duration = durationText(length);
  const left = columns - time.length - duration.length - id.length - "trace ".length - 3 * gap.length;
  const service = printable(
    String(span.resource.attributes["service.name"] ?? ""),
    Math.min(left, limits.serviceName),
  );
  return [time, colors.bold(service), duration, colors.dim(`trace ${id}`)].join(gap);
}

function parentLine({ parentSpanId, parentIsRemote }: SpanRecord): string | undefined {
  if (parentSpanId === undefined) return undefined;
  return `${parentIsRemote ? "remote parent" : "parent not seen:"} ${printable(parentSpanId, 16)}`;
}

function spanLine(
  row: Row,
  period: Period,
  widthOf: { nameWidth: number; barWidth: number },
  colors: Colors,
): string {
  const { span } = row;
  const name = fit(`${indentOf(row)}${nameText(span)}`, widthOf.nameWidth);
  const kind = (SpanKind[span.kind] ?? "").toLowerCase().padEnd(widths.kind);
  const duration = durationText(nanosecondsBetween(span.startTime, span.endTime)).padStart(widths.duration);
  const failed = span.status.code === SpanStatusCode.ERROR;
  const paint = failed ? colors.red : kindColor(span.kind, colors);
  return [
    `${" ".repeat(margin)}${failed ? colors.red(name) : name}`,
    colors.dim(kind),
    paint(bar(span, period, widthOf.barWidth)),
    duration,
    statusText(span, colors),
  ].join(gap);
}

function nameWidthFor(rows: readonly Row[], columns: number): number {
  const longest = Math.max(...rows.map((row) => indentOf(row).length + [...nameText(row.span)].length));
  return Math.min(Math.max(longest, minNameWidth), Math.floor(columns * 0.4));
}

/** A function is called "stock.(*Store).Reserve", without the path of its package, which would take all the room. */
function nameText({ name, attributes }: SpanRecord): string {
  const called = attributes["code.function.name"];
  const isCalled = typeof called === "string" && name.endsWith(called);
  const short = isCalled ? name.slice(0, -called.length) + called.replace(/^[^([]*\//, "") : name;
  return printable(short, limits.name);
}

function indentOf({ depth }: Row): string {
  return " ".repeat(Math.min(depth * 2, maxIndent));
}

/** Exactly `width` characters. */
function fit(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text + " ".repeat(width - characters.length);
  return `${characters.slice(0, width - 1).join("")}…`;
}

/** A span that is too short for a whole cell still shows as a thin line. */
function bar(span: SpanRecord, { start, length }: Period, width: number): string {
  const cell = length > 0 ? width / length : 0;
  const from = clamp(Math.round(nanosecondsBetween(start, span.startTime) * cell), 0, width - 1);
  const to =
    length > 0 ? clamp(Math.round(nanosecondsBetween(start, span.endTime) * cell), from, width) : width;
  const filled = to > from ? "█".repeat(to - from) : "▏";
  return (" ".repeat(from) + filled).padEnd(width);
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}

function kindColor(kind: SpanKind, colors: Colors) {
  if (kind === SpanKind.SERVER || kind === SpanKind.CONSUMER) return colors.cyan;
  return kind === SpanKind.INTERNAL ? colors.blue : colors.magenta;
}

/** The HTTP status, or "error" for a failed span that has none; gRPC's "OK", whose other codes are too long for it. */
function statusText(span: SpanRecord, colors: Colors): string {
  const status = span.attributes["http.response.status_code"];
  const failed = span.status.code === SpanStatusCode.ERROR;
  if (typeof status !== "number") {
    if (failed) return colors.red("error");
    return span.attributes["rpc.response.status_code"] === "OK" ? colors.green("OK") : "";
  }
  if (failed || status >= 500) return colors.red(String(status));
  if (status >= 400) return colors.yellow(String(status));
  return status >= 300 ? colors.cyan(String(status)) : colors.green(String(status));
}

function detailsOf(span: SpanRecord): string {
  const { status, events = [] } = span;
  return [
    attributeLine(span),
    status.message && printable(status.message),
    ...events.slice(0, maxEvents).map(eventText),
    events.length > maxEvents && `${events.length - maxEvents} more events`,
  ]
    .filter(Boolean)
    .join(" · ");
}

function belowName(row: Row, text: string, columns: number): string {
  const indent = " ".repeat(margin + 2) + indentOf(row);
  return indent + fit(text, columns - indent.length).trimEnd();
}

/** A log record says what it is by itself: "INFO order placed". */
function eventText({ name, attributes }: SpanEvent): string {
  const said = [attributes["log.severity"], attributes["log.message"]].filter((part) => part !== undefined);
  if (name !== "log" || said.length === 0) return `event ${printable(name, limits.name)}`;
  return printable(said.join(" "), limits.name);
}
