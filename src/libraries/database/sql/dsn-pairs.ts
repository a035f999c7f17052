/**
 * libpq's "host=a dbname='my db'": values in single quotes or bare, a backslash in front of what stands for itself.
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE
 * A value at the end of a text that was cut off is left out. Names are in lower case.
 */
export function parseSpacedPairs(dsn: string, truncated: boolean): ReadonlyMap<string, string> {
  const pair =
    /\s*([^\s=]+)\s*=\s*(?:'((?:[^'\\]|\\[\s\S])*)'|"((?:[^"\\]|\\[\s\S])*)"|((?:[^\s'"\\]|\\[\s\S])(?:[^\s\\]|\\[\s\S])*)?)(?=\s|$)/y;
  const pairs = new Map<string, string>();
  for (;;) {
    const found = pair.exec(dsn);
    if (!found) return pairs;
    if (truncated && pair.lastIndex === dsn.length) return pairs;
    const value = found[2] ?? found[3] ?? found[4] ?? "";
    pairs.set((found[1] ?? "").toLowerCase(), value.replace(/\\([\s\S])/g, "$1"));
  }
}

/**
 * "server=a;password={x;y}" of ODBC and ADO: values bare, in double quotes or in braces, where two quotes or closing
 * braces stand for one. A value at the end of a text that was cut off is left out. Names are in lower case.
 */
export function parseSemicolonPairs(dsn: string, truncated: boolean): ReadonlyMap<string, string> {
  const pair = /[\s;]*([^=;]+?)\s*=\s*(?:"((?:[^"]|"")*)"|\{((?:[^}]|\}\})*)\}|([^;"{][^;]*)?)\s*(?=;|$)/y;
  const pairs = new Map<string, string>();
  for (;;) {
    const found = pair.exec(dsn);
    if (!found) return pairs;
    if (truncated && pair.lastIndex === dsn.length) return pairs;
    const value = found[2]?.replaceAll('""', '"') ?? found[3]?.replaceAll("}}", "}") ?? found[4] ?? "";
    pairs.set((found[1] ?? "").trim().toLowerCase(), value.trim());
  }
}
