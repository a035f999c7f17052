/** A request's net/url.URL as text, without what is secret in it. */
import { PathKind } from "../../../../generated/libraries/net/http/client.ts";
import { redactQuery, splitHostPort } from "../../../http.ts";

export interface UrlParts {
  readonly scheme: string;
  /** With its port, as it stands in URL.Host. */
  readonly host: string;
  readonly path: string;
  /** A PathKind: whether `path` is URL.Path, URL.RawPath, or URL.Opaque, which stands for host and path. */
  readonly pathKind: number;
  readonly query: string;
}

/** "https://shop.example:8443/items/7?a=1": net/url.(*URL).String without user and fragment, secrets redacted. */
export function fullUrl({ scheme, host, path, pathKind, query }: UrlParts): string {
  const start = scheme ? `${scheme}:` : "";
  const end = query ? `?${redactQuery(query)}` : "";
  if (pathKind === PathKind.opaque) return `${start}${withoutSecretsOfOpaque(path)}${end}`;
  const escaped = pathKind === PathKind.raw ? sentPath(path) : escapePath(path);
  const slash = host && escaped && !escaped.startsWith("/") ? "/" : "";
  return `${start}//${withoutUser(host)}${slash}${escaped}${end}`;
}

/** Most bytes of a host, as ebpf/libraries/net/http/client/client.h has it. */
export const maxHost = 192;

const defaultPorts: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** Whom a request is for, by its URL's host. */
export function serverOf(
  scheme: string,
  host: string,
): { readonly host: string; readonly port: number | undefined } {
  const server = splitHostPort(withoutUser(host));
  // Half a port is another port.
  if (Buffer.byteLength(host) >= maxHost) return { host: server.host, port: undefined };
  return { host: server.host, port: server.port ?? defaultPorts[scheme] };
}

/** A host that was put together by hand may have "user:password@" in it. */
function withoutUser(host: string): string {
  return host.slice(host.lastIndexOf("@") + 1);
}

/** "//host/path", and whatever else a program puts there: a whole URL, or one with a query in it. */
function withoutSecretsOfOpaque(opaque: string): string {
  const mark = opaque.indexOf("?");
  const [hierarchy, query] = mark < 0 ? [opaque, ""] : [opaque.slice(0, mark), opaque.slice(mark)];
  const [, start = "", authority = "", rest = ""] =
    /^((?:[\w+.-]*:)?\/\/)?([^/]*)(.*)$/s.exec(hierarchy) ?? [];
  return `${start}${withoutUser(authority)}${rest}${redactQuery(query)}`;
}

/** What may stand in an escaped path: net/url's validEncoded. */
const wellEscaped = /^[\w\-.~!$&'()*+,/:;=@[\]%]*$/;

/** URL.RawPath is the path as it was written; net/url sends it only where it is properly escaped. */
function sentPath(rawPath: string): string {
  if (wellEscaped.test(rawPath)) return rawPath;
  try {
    return escapePath(decodeURIComponent(rawPath));
  } catch {
    // Escapes of bytes that are no UTF-8, or one that was cut.
    return encodeURI(rawPath).replaceAll("%25", "%");
  }
}

/** As net/url escapes a path: what encodeURI leaves alone, but these. */
function escapePath(path: string): string {
  if (path === "*") return path;
  return encodeURI(path).replaceAll(/[!'()*?#]/g, percent);
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
