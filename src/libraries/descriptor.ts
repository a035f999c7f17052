import type { Attributes, HrTime, SpanKind, SpanStatus } from "@opentelemetry/api";
import type { InstrumentationScope } from "@opentelemetry/core";
import type { EventsAndLinks, LibraryEvent, SpanAttributes, SpanEvent } from "./span-parts.ts";

/**
 * What a library's folder says about itself. A descriptor is data: the plan room reads it against a binary, the
 * kernel room loads the BPF object of the same path, the spans room calls `toSpan` for each of its records.
 * Constants are named as in the library's BPF C, where each has its default.
 */
export interface Library {
  /** Path of the library's folders and last part of its scope's name, for example "net/http/server". */
  readonly path: string;
  /** What a user reads, for example "net/http server". */
  readonly name: string;
  /** "std", or the path of the module whose version counts. */
  readonly module: string;
  /** Oldest version that is supported: of Go for "std", for example "1.22", else of the module, "1.14.0". */
  readonly since: string;
  /** A setting of GODEBUG without which alone the library is what it is, for example "httpmuxgo121=1". */
  readonly notWith?: string;
  /** Functions any of which shows that a program uses the library; without it, those of the required probes. */
  readonly usedBy?: readonly string[];
  /** A function without which nothing of it would ever be asked for. */
  readonly onlyWith?: string;
  /** Functions with any of which there is nothing for it to do. */
  readonly unless?: readonly string[];
  /** Of one with probes of the tier "socket": what carries trace context by that, and what its programs leave there. */
  readonly bySocket?: { readonly what: string; readonly leaves: SocketMap };
  /** Constant → struct field whose byte offset it takes. */
  readonly fields: Readonly<Record<string, FieldSpec>>;
  /** Constant → full name of the map type whose layout it takes. */
  readonly maps: Readonly<Record<string, string>>;
  /** Constant → the itab whose address in memory it takes. */
  readonly itabs: Readonly<Record<string, ItabSpec>>;
  /**
   * Constant → the named type whose descriptor's address in memory it takes, by its full names: today's first, then
   * what it was called before. It is the type word of interface values that are an `any`. 0 where there is none.
   */
  readonly types?: Readonly<Record<string, readonly string[]>>;
  /** Constant → functions: it is 1 when the program has any of them, for what depends on another library's use. */
  readonly uses?: Readonly<Record<string, readonly string[]>>;
  /**
   * Constant → function whose code in memory begins at the constant with "_from" behind it and ends before the one with
   * "_to". Both are 0 where the program doesn't have it.
   */
  readonly code?: Readonly<Record<string, string>>;
  /** Booleans of the program's that are true while the library is attached. */
  readonly switches?: readonly SwitchSpec[];
  /** It traces spans that the application makes itself: not with OTEL_GO_AUTO_GLOBAL=false. */
  readonly ofApplication?: boolean;
  /** It adds log records to spans: only with OTEL_GO_AUTO_LOG_EVENTS=true. */
  readonly ofLogs?: boolean;
  /** Its spans are of what other libraries' operations show: alone it has none. */
  readonly needsOthers?: boolean;
  /** Major and minor number of the oldest kernel that its programs may be loaded on. */
  readonly oldestKernel?: readonly [number, number];
  /** The map of its callers, where it has one of its own: RETURN_SITES of ebpf/include/return_site.h. */
  readonly returnSites?: string;
  /** In the order of attaching: ends before starts, so that no start lacks its end. */
  readonly probes: readonly ProbeSpec[];
  /**
   * What is the library's own in a span. Called for each record, of this library only. Without it the library makes
   * no spans of its own: it tells others what it knows.
   */
  readonly toSpan?: (record: RecordBytes, facts: SpanFacts) => LibrarySpan;
  /** What its programs add to spans that are open: of each record of the kind RECORD_addition, addition.h. */
  readonly toAddition?: (record: RecordBytes, facts: SpanFacts) => SpanAddition;
  /** Of a server: a command that would make a span, for one who wonders why there are none. `address`: "127.0.0.1:80". */
  readonly tryOut?: (address: string) => string;
  /** Takes what its programs tell beside spans: records of the kind RECORD_library. `facts` are one target's. */
  readonly onRecord?: (record: RecordBytes, facts: SpanFacts) => void;
  /** How long its spans take, as a metric. */
  readonly duration?: DurationMetric;
  /** Values of a target as they stand, which its spans don't tell. */
  readonly metrics?: (facts: SpanFacts) => readonly LibraryMetric[];
  /**
   * Of a router: the route of a request by what its program has read of it (ebpf/include/http_router.h), "" when
   * nothing matched. `handler` is the full name of the function that the router chose, where the program tells it.
   */
  readonly toRoute?: (pattern: string, handler: string | undefined) => string;
}

/** A boolean that a global variable points to, which the program gives to one of its functions. */
export interface SwitchSpec {
  /** Full name of the variable. */
  readonly variable: string;
  /** Loads it, to give it to `callee`: where it is in a program without symbols. */
  readonly function: string;
  readonly callee: string;
  /** Of a program that has this one and no `callee`, as it was inlined: the first variable that is loaded is it. */
  readonly inlinedWith?: string;
  /** Not in programs that have this function. */
  readonly unless?: string;
}

export interface FieldSpec {
  /** Full names, "net/http.Request.Method": today's first, then what it was called before. */
  readonly names: readonly string[];
  /** The library is attached also without this field. */
  readonly optional?: boolean;
  /** The field matters only where the library's maps are of this kind. */
  readonly onlyWithMaps?: "swiss" | "buckets";
}

export interface ItabSpec {
  /** Full name of the interface type; where it was called otherwise before: today's first. */
  readonly interface: string | readonly string[];
  /** Full name of the concrete type, with its "*" for a pointer; the same. */
  readonly concrete: string | readonly string[];
  /** Constants and names of probes without which the constant must not be set. */
  readonly needs?: readonly string[];
}

export interface ProbeSpec {
  readonly name: string;
  /** The BPF program. */
  readonly program: string;
  readonly site: Site;
  /** The library is attached also without this probe. */
  readonly optional?: boolean;
  /** Only for binaries that hold this function. */
  readonly when?: string;
  /** Only for binaries that don't hold this function. */
  readonly unless?: string;
  /**
   * Loaded with the others, and attached when it is needed: a router's when a request has no route
   * (RECORD_routes_wanted), others when a program of their library asks for them (ebpf/include/late.h).
   */
  readonly late?: boolean;
  /** An operation begins here: where a library goes while the program runs, these go before the ends. */
  readonly starts?: boolean;
  /** Only where trace context is written out this way: src/kernel/propagation.ts. */
  readonly tier?: Tier;
}

/**
 * How trace context gets into what a program sends: through its sockets, into its memory where it is about to be sent, or
 * there by way of slots (src/kernel/message-slots.ts), as messages do.
 */
export type Tier = "socket" | "write" | "message";

/** Text for what a connection sends next: the head of a request of HTTP/1, or a frame of HTTP/2. */
export type SocketMap = "outgoing_heads" | "outgoing_frames";

/** Where a probe goes, in the words of Go, never in addresses. */
export type Site =
  /** Where the first of these functions that exists has passed its stack check, its arguments still in registers. */
  | { readonly at: "entry"; readonly functions: readonly string[] }
  /** The same of methods that the compiler has made for pointers to a type whose own methods have none. */
  | { readonly at: "wrapper"; readonly functions: readonly string[] }
  /**
   * In `function`, the call of `callee` that is the first direct call behind a call of `after`; without `after`, all
   * direct calls of it. Its arguments are in registers.
   */
  | { readonly at: "call"; readonly function: string; readonly after?: string; readonly callee: string }
  /**
   * The direct calls of the function whose end is the probe of this name, but for those that are `apartFrom` it. Its
   * arguments are in registers. On arm64, where callers are not looked for, the function's entry.
   */
  | { readonly at: "calls"; readonly functions: readonly string[]; readonly end: string }
  | ReturnSite;

/** Behind the return of the first of these functions that exists, its results still in registers. */
export interface ReturnSite {
  readonly at: "return";
  readonly functions: readonly string[];
  /** How many registers hold results, of those that hold integers and pointers. */
  readonly results: number;
  /** The first of them that matters, from 0: callers may have overwritten those before it. */
  readonly firstResult?: number;
  /** Bytes of results that are on the caller's stack, as they don't fit in registers: they must be there still. */
  readonly onStack?: number;
  /**
   * "error": only where the function's error, its last two results, is not nil, at the branch that the caller takes
   * then. What succeeds costs no hit. On amd64; where a caller has no such branch the program gets every return, as it
   * gets each of the function's on arm64, so it looks at the error itself.
   */
  readonly when?: "error";
  /**
   * Where its direct callers are looked for: in the function's own package, or in the whole program. Or the function
   * itself is probed at each RET, as it always is on arm64; amd64's kernel single-steps that, so it is for functions
   * that are called seldom and whose callers often have no place for a probe. "none": only in `indirectIn`.
   */
  readonly callers: "package" | "anywhere" | "itself" | "none";
  /**
   * The function itself is probed after all when a caller shows no results: any of those that are known, or one of
   * its own package, which others come through (-N -l). A span that costs more beats none. `constant` is then 1, and
   * the start's program asks for no caller.
   */
  readonly orItself?: { readonly constant: string; readonly hiddenBy: "any caller" | "its package" };
  /**
   * A caller without such a place is probed right behind its call all the same, where the kernel single-steps: for
   * functions that take far longer than that, and whose callers often have none (`return` with a deferred function).
   */
  readonly orStepped?: boolean;
  /** Functions that may call it through an interface or a function value. */
  readonly indirectIn?: readonly string[];
  /** Functions whose direct calls of it are none of the operations that the library is about; on amd64. */
  readonly apartFrom?: readonly string[];
}

/** A record as it came off the ring: `buffer` from `start` to `end`. */
export interface RecordBytes {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

/** What a record's reader may have to know of the target and of the user's wishes. */
export interface SpanFacts {
  /** Full name of the Go type whose descriptor is at this address of the target's memory. */
  readonly typeName: (address: number) => string | undefined;
  /** Bytes that the program can't change, from the file: undefined where it may, or has none. */
  readonly constant: (address: number, length: number) => Uint8Array | undefined;
  /**
   * What the router of this record's number makes of a pattern; the number is 1 more than its library's place in the
   * registry of this run. `handler` is an address of code, 0 for none.
   */
  readonly route: (router: number, pattern: string, handler: number) => string;
  /** Older attribute names beside the stable ones: OTEL_SEMCONV_STABILITY_OPT_IN. */
  readonly semconv: { readonly httpDup: boolean; readonly databaseDup: boolean; readonly rpcDup: boolean };
  /** OTEL_GO_AUTO_INCLUDE_DB_STATEMENT and OTEL_GO_AUTO_PARSE_DB_STATEMENT. */
  readonly database: { readonly includeStatement: boolean; readonly parseStatement: boolean };
}

/** A histogram in seconds, as the semantic conventions have it. */
export interface DurationMetric {
  readonly name: string;
  readonly description: string;
  /** The greatest values of all buckets but the last, ascending. */
  readonly boundaries: readonly number[];
  /** Those of the span's attributes that tell its values apart, of few values each; one that a span lacks is left out. */
  readonly attributes: readonly string[];
}

/** A value of src/export/metrics-types.ts, without what all values of a target have. */
export interface LibraryMetric {
  readonly name: string;
  readonly description: string;
  /** In UCUM. */
  readonly unit: string;
  readonly kind: "gauge" | "counter" | "updowncounter";
  readonly value: number;
  readonly attributes: Attributes;
}

/** What a span gets beside its own. */
export interface SpanAddition {
  /** In place of its own. */
  readonly name?: string | undefined;
  readonly status?: SpanStatus | undefined;
  /** Without a time of their own they have the record's. */
  readonly events?: readonly (Pick<SpanEvent, "name" | "attributes"> & Partial<SpanEvent>)[];
  readonly attributes?: SpanAttributes;
}

export interface LibrarySpan extends Omit<EventsAndLinks, "events"> {
  readonly events?: readonly LibraryEvent[] | undefined;
  /** It is none of the operations that the library's `duration` is of. */
  readonly isNotMeasured?: boolean;
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: SpanAttributes;
  /** How many the application has left out itself. */
  readonly droppedAttributes?: number;
  readonly status: SpanStatus;
  readonly traceState: string | undefined;
  /** The application's own, in place of the library's: one object for each. */
  readonly scope?: InstrumentationScope;
  /** The application has it made by middleware, for a request or a call that the agent may trace itself. */
  readonly ofMiddleware?: boolean;
  /** As the application has it, in place of the record's. */
  readonly startTime?: HrTime | undefined;
  readonly endTime?: HrTime | undefined;
}

/** A field by its full name, and the names that it had in older versions. */
export function field(name: string, ...older: readonly string[]): FieldSpec {
  return { names: [name, ...older] };
}

export function optional(spec: FieldSpec): FieldSpec {
  return { ...spec, optional: true };
}
