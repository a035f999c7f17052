import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { PlannedRequest, Transport } from "./client.ts";
import { transports } from "./client.ts";
import type { ReceivedSpan, Value } from "./collector.ts";

/**
 * One end-to-end case: requests that are sent one after another over one connection, and a span for each.
 * Texts may hold ${scheme}, ${authority}, ${serverAddress}, ${serverPort}, ${defaultPort}, ${clientAddress},
 * ${clientPort}, ${httpVersion}; a value that is nothing but one of them keeps its type.
 */
export interface Case {
  readonly name: string;
  /** Minor release of Go 1 that has what the case is about. */
  readonly since: number;
  readonly over: readonly Transport[];
  readonly to: "ipv4" | "ipv6";
  readonly requests: readonly PlannedRequest[];
  /** As many as requests, or none at all. */
  readonly expect: readonly ExpectedSpan[];
  /** Least duration of the first span. */
  readonly minimumMilliseconds: number;
}

/** What stands in `expect`, laid over the file's defaults. */
export interface ExpectedSpan {
  readonly name: string;
  readonly kind: string;
  readonly status: string;
  /** Of the status; "" for none. */
  readonly message: string;
  readonly parent: "none" | { readonly traceId: string; readonly spanId: string };
  readonly traceState: string;
  readonly attributes: Readonly<Record<string, Value>>;
}

export interface CaseFile {
  /** Name of the instrumentation scope of every span. */
  readonly scope: string;
  readonly cases: readonly Case[];
}

export type Facts = Readonly<Record<string, Value>>;

type Partly<T> = { readonly [K in keyof T]?: T[K] };
interface WrittenCase {
  readonly name: string;
  /** "1.19"; every version when left out. */
  readonly since?: string;
  readonly over?: readonly Transport[];
  readonly to?: Case["to"];
  readonly request: PlannedRequest | readonly PlannedRequest[];
  readonly expect: readonly Partly<ExpectedSpan>[];
  readonly minimumMilliseconds?: number;
}

export function readCases(path: string): CaseFile {
  const text = readFileSync(path, "utf8");
  const file = parse(text, { merge: true }) as {
    scope: string;
    defaults: ExpectedSpan;
    cases: WrittenCase[];
  };
  const cases = file.cases.map((written): Case => {
    const requests = [written.request].flat() as PlannedRequest[];
    const expect = written.expect.map((span) => overlay(file.defaults, span));
    if (expect.length !== 0 && expect.length !== requests.length) {
      throw new Error(
        `${path}: "${written.name}" has ${requests.length} requests and ${expect.length} spans`,
      );
    }
    const { name, over = transports, to = "ipv4", minimumMilliseconds = 0 } = written;
    const since = Number(written.since?.split(".")[1] ?? 0);
    return { name, since, over, to, requests, expect, minimumMilliseconds };
  });
  return { scope: file.scope, cases };
}

function overlay(defaults: ExpectedSpan, span: Partly<ExpectedSpan>): ExpectedSpan {
  const attributes = Object.entries({ ...defaults.attributes, ...span.attributes });
  return {
    ...defaults,
    ...span,
    attributes: Object.fromEntries(attributes.filter(([, value]) => value !== "absent")),
  };
}

/** The span of a program before Go 1.22, whose requests don't know the pattern that they matched. */
export function withoutRoute(span: ExpectedSpan): ExpectedSpan {
  const { "http.route": route, ...attributes } = span.attributes;
  return { ...span, name: route === undefined ? span.name : span.name.replace(` ${route}`, ""), attributes };
}

/** The same value with every ${name} replaced. */
export function fill<T>(value: T, facts: Facts): T {
  if (typeof value === "string") return fillText(value, facts) as T;
  if (Array.isArray(value)) return value.map((item) => fill(item, facts)) as T;
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, facts)])) as T;
}

function fillText(text: string, facts: Facts): Value {
  const fact = (name: string): Value => {
    const value = facts[name];
    if (value === undefined) throw new Error(`unknown placeholder: ${name}`);
    return value;
  };
  const whole = text.match(/^\$\{(\w+)\}$/)?.[1];
  return whole ? fact(whole) : text.replace(/\$\{(\w+)\}/g, (_, name: string) => String(fact(name)));
}

/** A received span in the words of `expect`, so that the two can be compared as a whole. */
export function inWordsOfCase(span: ReceivedSpan, expected: ExpectedSpan): ExpectedSpan {
  const parent = span.parentSpanId ? { traceId: span.traceId, spanId: span.parentSpanId } : "none";
  return {
    ...expected,
    name: span.name,
    kind: span.kind,
    status: span.status.code,
    message: span.status.message ?? "",
    parent,
    traceState: span.traceState,
    attributes: span.attributes,
  };
}
