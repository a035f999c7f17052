import type { SpanRecord } from "../spans/types.ts";
import type { ExportCounts } from "./batcher.ts";

/** Where finished spans go. Nothing here throws or blocks the caller. */
export interface SpanExporter {
  /** Takes the span, or drops and counts it. */
  add(span: SpanRecord): void;
  /** Asks the endpoint by an empty request whether it would take spans; when not, that is said as of a failed export. */
  check(): Promise<void>;
  /** The live counters: added = exported + dropped + pending. */
  readonly counts: Readonly<ExportCounts>;
  /** Sends what is there and waits for the answers, at most `deadlineMs`. */
  flush(deadlineMs: number): Promise<void>;
  /** Flushes and closes. What is pending after `deadlineMs` counts as dropped. */
  shutdown(deadlineMs: number): Promise<void>;
}
