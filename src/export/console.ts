import { colorsFor } from "../report/colors.ts";
import { spansNotDrawn } from "../report/export.ts";
import type { SpanRecord } from "../spans/types.ts";
import { newExportCounts } from "./batcher.ts";
import type { SpanExporter } from "./exporter.ts";
import { type DrawOptions, drawTrace } from "./waterfall.ts";

/** The part of a terminal's stream that is used. */
export interface Output {
  write(text: string): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  readonly columns?: number;
  readonly isTTY?: boolean;
}

/** A trace is drawn when none of its spans came for this long. */
const quietMs = 1000;
const sweepMs = 250;

/** Nobody reads faster; what comes above this in a second is counted and not drawn. */
const maxTraces = 256;
const maxSpans = 2048;

interface Trace {
  readonly spans: SpanRecord[];
  latest: number;
}

/** Draws each trace on `output` as a waterfall. `now` in milliseconds. */
export function createConsoleExporter(output: Output, now: () => number = Date.now): SpanExporter {
  const counts = newExportCounts();
  const traces = new Map<string, Trace>();
  let notDrawn = 0;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  // A closed pipe ("| head") ends the drawing, not the agent.
  output.on("error", () => {
    closed = true;
  });

  function add(span: SpanRecord): void {
    counts.added++;
    const trace = traces.get(span.traceId) ?? newTrace(span.traceId);
    if (closed || trace === undefined || counts.pending >= maxSpans) {
      counts.dropped.notDrawn++;
      notDrawn++;
      return;
    }
    counts.pending++;
    trace.spans.push(span);
    trace.latest = now();
    timer ??= setInterval(() => drawQuietSince(now() - quietMs), sweepMs);
  }

  function newTrace(traceId: string): Trace | undefined {
    if (closed || traces.size >= maxTraces) return undefined;
    const trace = { spans: [], latest: 0 };
    traces.set(traceId, trace);
    return trace;
  }

  function drawQuietSince(time: number): void {
    const options = { width: output.columns ?? 80, colors: colorsFor(output) };
    for (const [traceId, trace] of traces) {
      if (trace.latest > time) continue;
      traces.delete(traceId);
      draw(trace.spans, options);
    }
    if (notDrawn > 0 && !closed) output.write(`${options.colors.dim(spansNotDrawn(notDrawn))}\n\n`);
    notDrawn = 0;
    if (traces.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  function draw(spans: readonly SpanRecord[], options: DrawOptions): void {
    counts.pending -= spans.length;
    if (closed) {
      counts.dropped.notDrawn += spans.length;
    } else {
      counts.exported += spans.length;
      if (spans.length > 0) output.write(`${drawTrace(spans, options)}\n`);
    }
  }

  return {
    counts,
    add,
    flush: async () => drawQuietSince(Number.POSITIVE_INFINITY),
    check: async () => {},
    shutdown: async () => {
      drawQuietSince(Number.POSITIVE_INFINITY);
      closed = true;
    },
  };
}
