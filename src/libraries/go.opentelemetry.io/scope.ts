/** The tracer that has made a span, out of its payload. */
import type { InstrumentationScope } from "@opentelemetry/core";
import { at, isObject, parseJson, textOf } from "./json.ts";

/** When a program has more tracers, those so far are forgotten: theirs are read anew and get objects of their own. */
const maxScopes = 256;

/** Characters. A longer text is not kept. */
const maxLength = 1024;

const byFrame = new Map<string, InstrumentationScope>();
const scopes = new Map<string, InstrumentationScope>();

/** What it was the last time: most spans come in rows of one tracer's. */
let last = { before: "", behind: "", scope: { name: "" } as InstrumentationScope };

/**
 * By what stands around a span in its payload, up to its `first` character and `behind` it: the same in all spans of a
 * tracer.
 * @throws RangeError for what is no payload
 */
export function scopeAround(payload: string, first: number, behind: string): InstrumentationScope {
  if (first === last.before.length && behind === last.behind && payload.startsWith(last.before))
    return last.scope;
  const before = payload.slice(0, first);
  const frame = `${before}]${behind}`;
  const scope = byFrame.get(frame) ?? kept(byFrame, frame, scopeIn(frame));
  last = { before, behind, scope };
  return scope;
}

/**
 * One object for each tracer: exporters group by identity. `url` is the JSON of its schema, where it isn't in `payload`.
 * @throws RangeError for what is no payload
 */
export function scopeIn(payload: string, url?: string): InstrumentationScope {
  const [scopeSpans] = at(at(parseJson(payload), "resourceSpans", 0), "scopeSpans");
  if (!isObject(scopeSpans)) throw new RangeError("a payload without a scope");
  const scope = isObject(scopeSpans.scope) ? scopeSpans.scope : {};
  const [name, version] = [textOf(scope.name), textOf(scope.version)];
  const schemaUrl = textOf(url === undefined ? scopeSpans.schemaUrl : parseJson(url));
  return scopeNamed(name, version, schemaUrl);
}

/** One object for each tracer, as above. */
export function scopeNamed(name: string, version = "", schemaUrl = ""): InstrumentationScope {
  const key = JSON.stringify([name, version, schemaUrl]);
  const made = { name, ...(version && { version }), ...(schemaUrl && { schemaUrl }) };
  return scopes.get(key) ?? kept(scopes, key, made);
}

function kept(map: Map<string, InstrumentationScope>, key: string, scope: InstrumentationScope) {
  if (map.size >= maxScopes) map.clear();
  if (key.length <= maxLength) map.set(key, scope);
  return scope;
}

/** Beginnings of the scopes of middleware that makes spans of kinds server and client: otelhttp, otelgin, otelgrpc … */
const middleware = ["go.opentelemetry.io/contrib/instrumentation/", "github.com/riandyrn/otelchi"];

export function isOfMiddleware({ name }: InstrumentationScope): boolean {
  return middleware.some((path) => name.startsWith(path));
}
