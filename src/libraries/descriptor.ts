import type { Attributes, SpanKind, SpanStatusCode } from "@opentelemetry/api";

/**
 * What a library's folder says about itself. A descriptor is data: the plan room reads it against a binary, the
 * kernel room loads the BPF object of the same path, the spans room calls `toSpan` for each of its records.
 */
export interface Library {
  /** Import path of the library's folders and last part of the scope's name, e.g. "net/http/server". */
  readonly path: string;
  /** What a user reads: "net/http server". */
  readonly name: string;
  /** "std" or the path of the module whose version counts. */
  readonly module: string;
  /** Semver range of that module, e.g. ">=1.17". For "std" it is the range of Go. */
  readonly versions: string;
  /** Fields whose offsets the BPF programs need, by the name of the constant that takes them. */
  readonly fields: Readonly<Record<string, FieldSpec>>;
  /** Map types whose layout the programs need, by the constant's name. */
  readonly maps?: Readonly<Record<string, string>>;
  /** Concrete types behind an interface that the programs tell apart by the itab: constant name → interface and concrete type(s). */
  readonly itabs?: Readonly<Record<string, ItabSpec>>;
  readonly probes: readonly ProbeSpec[];
  /** Turns a decoded record into what is the library's own in a span. */
  readonly toSpan: (record: DataView, context: SpanContextInfo) => LibrarySpan;
}

/** Where a field may stand: "net/http.Request.Method"; later names first, older ones behind as aliases. */
export interface FieldSpec {
  readonly names: readonly string[];
  /** A library whose optional field is missing is attached all the same; the constant is then `absent`. */
  readonly optional?: boolean;
}

export interface ItabSpec {
  readonly interface: string;
  readonly concrete: readonly string[];
}

export type ProbeSpec = {
  /** Name of the BPF program. */
  readonly program: string;
  readonly site: Site;
  /** A missing optional probe is said, but the library is attached without it. */
  readonly optional?: boolean;
  /** Only when this function is in the binary. */
  readonly when?: string;
};

/** Where a probe goes, in the words of Go, never in addresses. */
export type Site =
  /** Behind the stack check of the function: its PUSHQ BP (amd64), its B.LS (arm64). */
  | { readonly at: "entry"; readonly functions: readonly string[] }
  /** In `function`, the first direct call of `callee` that follows a call of `after`. */
  | {
      readonly at: "call";
      readonly function: string;
      readonly after: string;
      readonly callee: string;
    };

/** Facts about the target that a record's reader may need. */
export interface SpanContextInfo {
  /** Name of the Go type whose descriptor is at this address in the target's memory. */
  readonly typeName: (address: bigint) => string | undefined;
  readonly semconv: { readonly httpDup: boolean; readonly databaseDup: boolean; readonly rpcDup: boolean };
}

export interface LibrarySpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  readonly status: { readonly code: SpanStatusCode; readonly message?: string };
  readonly traceState?: string;
}
