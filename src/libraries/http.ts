/** What HTTP libraries share of the semantic conventions: https://opentelemetry.io/docs/specs/semconv/http/http-spans/ */
import { isSecretParameter, redacted } from "./secret-names.ts";

const knownMethods = new Set([
  "CONNECT",
  "DELETE",
  "GET",
  "HEAD",
  "OPTIONS",
  "PATCH",
  "POST",
  "PUT",
  "QUERY",
  "TRACE",
]);

/** The method as an attribute, `_OTHER` for one that the conventions don't know, and as the first word of a name. */
export function methodNames(method: string): { readonly attribute: string; readonly inName: string } {
  return knownMethods.has(method)
    ? { attribute: method, inName: method }
    : { attribute: "_OTHER", inName: "HTTP" };
}

/** A request target as it stood in the request line, in its four forms: RFC 9112, section 3.2. */
export function parseTarget(target: string): { readonly path: string; readonly query: string } {
  const relative = target.startsWith("/") ? target : afterAuthority(target);
  const mark = relative.indexOf("?");
  if (mark < 0) return { path: relative, query: "" };
  return { path: relative.slice(0, mark), query: redactQuery(relative.slice(mark + 1)) };
}

/** "http://host/path" → "/path"; "*" stays; "host:443" of a CONNECT has no path. */
function afterAuthority(target: string): string {
  if (target === "*") return target;
  const scheme = target.indexOf("://");
  if (scheme < 0) return "";
  const rest = target.slice(scheme + 3);
  const end = rest.search(/[/?]/);
  if (end < 0) return "/";
  return rest[end] === "?" ? `/${rest.slice(end)}` : rest.slice(end);
}

/** Values of parameters that are secrets become "REDACTED". */
export function redactQuery(query: string): string {
  return query.replace(/([^&;=]+)=[^&;]*/g, (parameter, name: string) =>
    isSecretParameter(unescaped(name)) ? `${name}=${redacted}` : parameter,
  );
}

/** Values of headers may be URLs, such as Referer's and Location's: what is secret in them. */
export function redactUrls(text: string): string {
  const mark = text.indexOf("?");
  const [start, query] = mark < 0 ? [text, ""] : [text.slice(0, mark + 1), redactQuery(text.slice(mark + 1))];
  return start.replace(/\/\/[^/@\s]*@/, "//") + query;
}

/** As the server reads a parameter's name: "%74oken" is "token". */
function unescaped(name: string): string {
  return name.replaceAll(/%([0-9a-f]{2})/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** "host", "host:port", "[::1]:port" → its parts. The port is undefined when there is none, or no number. */
export function splitHostPort(text: string): { readonly host: string; readonly port: number | undefined } {
  const close = text.startsWith("[") ? text.indexOf("]") : -1;
  if (close > 0) return { host: text.slice(1, close), port: parsePort(text.slice(close + 1)) };
  const colon = text.lastIndexOf(":");
  if (colon < 0 || text.indexOf(":") !== colon) return { host: text, port: undefined };
  return { host: text.slice(0, colon), port: parsePort(text.slice(colon)) };
}

function parsePort(text: string): number | undefined {
  const port = /^:\d{1,5}$/.test(text) ? Number(text.slice(1)) : Number.NaN;
  return port <= 65535 ? port : undefined;
}

/** Whom the request is for, by the first Forwarded (RFC 7239), else X-Forwarded-For; undefined without either. */
export function originalClient(forwarded: string, forwardedFor: string): string | undefined {
  if (!forwarded && !forwardedFor) return undefined;
  const element = /(?:^|[;,\s])for=("[^"]*"|[^;,\s]*)/i.exec(forwarded)?.[1]?.replaceAll('"', "");
  const client = element || forwardedFor.split(",", 1)[0]?.trim();
  return client ? splitHostPort(client).host : undefined;
}

/** "GET example.com/items/{id}", a ServeMux pattern, → "/items/{id}". */
export function routeOfPattern(pattern: string): string {
  const slash = pattern.indexOf("/");
  return slash < 0 ? "" : pattern.slice(slash);
}

/** Upper bounds of a duration's buckets in seconds: https://opentelemetry.io/docs/specs/semconv/http/http-metrics/ */
export const httpDurationBoundaries = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
] as const;
