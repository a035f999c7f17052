/**
 * Middleware of the program makes spans of requests and calls that the agent traces as well. Nobody shall count them twice,
 * and nothing of them shall get lost: the agent's own keeps its kind, and the middleware's is internal.
 */
import { SpanKind } from "@opentelemetry/api";
import { ParentKind } from "../generated/shared.ts";
import type { LibrarySpan } from "../libraries/descriptor.ts";

/** Spans in which calls have been made: of those in flight, or whose answer is still read. The oldest go. */
const most = 4096;

interface Ids {
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly parent: number;
}

export class Doubled {
  readonly #callers = new Set<string>();

  /** To be asked for each span, in the order of their ends: a call of the agent's ends before the one around it. */
  kindOf({ kind, scope, ofMiddleware }: LibrarySpan, ids: Ids): SpanKind {
    const isLocal = ids.parent === ParentKind.local;
    if (scope === undefined && kind === SpanKind.CLIENT && isLocal) this.#remember(ids.parentSpanId);
    if (!ofMiddleware) return kind;
    // What has its parent in the same process is no entry to it.
    if (kind === SpanKind.SERVER && isLocal) return SpanKind.INTERNAL;
    return kind === SpanKind.CLIENT && this.#callers.delete(ids.spanId) ? SpanKind.INTERNAL : kind;
  }

  #remember(caller: string): void {
    this.#callers.add(caller);
    for (const oldest of this.#callers) {
      if (this.#callers.size <= most) return;
      this.#callers.delete(oldest);
    }
  }
}
