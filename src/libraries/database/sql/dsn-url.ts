/** A data source name in the form of a URL; Node's own class refuses lists of hosts. Names and values are decoded. */
export interface DsnUrl {
  readonly scheme: string;
  /** Of the first host; empty without one. */
  readonly host: string;
  readonly port: string;
  /** Without its first "/". */
  readonly path: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * Undefined for what is surely no such URL, or may be none. User and password are never taken out of it. Of a text that was cut off, its
 * last part is left out: a user's name looks like a host while its "@" is missing.
 */
export function parseDsnUrl(dsn: string, truncated: boolean): DsnUrl | undefined {
  const [, scheme, authority = "", path = "", query] =
    /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(\/[^?#]*)?(?:\?([^#]*))?/i.exec(dsn) ?? [];
  // An "@" behind the authority may be that of a password with a "/" in it.
  if (scheme === undefined || dsn.lastIndexOf("@") > scheme.length + 3 + authority.length) return undefined;
  const pathIsWhole = !truncated || query !== undefined;
  const authorityIsWhole = pathIsWhole || path !== "";
  const first = authorityIsWhole
    ? (authority.slice(authority.lastIndexOf("@") + 1).split(",", 1)[0] ?? "")
    : "";
  const [, bracketed, plain = "", port = ""] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(first) ?? [];
  return {
    scheme: scheme.toLowerCase(),
    host: decoded(bracketed ?? plain),
    port,
    path: pathIsWhole ? decoded(path.slice(1)) : "",
    parameters: parametersOf(query ?? "", truncated),
  };
}

function parametersOf(query: string, truncated: boolean): ReadonlyMap<string, string> {
  const pairs = query.split("&");
  if (truncated) pairs.pop();
  return new Map(
    pairs.map((pair) => {
      const [name = "", ...value] = pair.split("=");
      return [decoded(name).toLowerCase(), decoded(value.join("=").replaceAll("+", " "))];
    }),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // "%" without two hexadecimal digits of UTF-8: no driver takes it.
    return "";
  }
}
