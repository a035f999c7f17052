import { splitHostPort } from "../../http.ts";
import { parseSemicolonPairs, parseSpacedPairs } from "./dsn-pairs.ts";
import { type DsnUrl, parseDsnUrl } from "./dsn-url.ts";

/** What a data source name tells of the database; users and passwords are no part of it. */
export interface DataSource {
  /** server.address: a host, or the path of a Unix socket. */
  readonly address?: string;
  /** server.port; not for Unix sockets. */
  readonly port?: number;
  /** db.namespace. */
  readonly namespace?: string;
}

interface Parts {
  readonly address?: string | undefined;
  readonly port?: string | number | undefined;
  readonly namespace?: string | undefined;
}

type Parser = (dsn: string, truncated: boolean) => Parts;

const parsers: Readonly<Record<string, Parser>> = {
  postgresql,
  mysql,
  sqlite,
  "microsoft.sql_server": sqlServer,
  "oracle.db": oracle,
};
const defaultPorts: Readonly<Record<string, number>> = {
  postgresql: 5432,
  mysql: 3306,
  "microsoft.sql_server": 1433,
  "oracle.db": 1521,
};
/** Longer names are hostile. */
const maxLength = 255;
/** Characters that are read of a DSN; of longer ones the rest is as if cut off. */
const maxDsn = 1024;

/**
 * Reads a DSN as the drivers of that system do. Never throws; what it does not understand it leaves out.
 * @param system db.system.name.
 * @param truncated the text goes on, but what is behind it is not known.
 */
export function parseDsn(system: string, whole: string, truncated = false): DataSource {
  const dsn = whole.slice(0, maxDsn);
  const cut = truncated || whole.length > maxDsn;
  const parse = Object.hasOwn(parsers, system) ? parsers[system] : undefined;
  const { address, port, namespace } = (parse ?? fromUrl)(dsn, cut);
  const standard = Object.hasOwn(defaultPorts, system) ? defaultPorts[system] : undefined;
  return dataSource(address, port, namespace, standard);
}

/** The same parts, out of a driver's own configuration. A port of 0 is the system's usual one. */
export function dataSource(
  address: string | undefined,
  port: string | number | undefined,
  namespace: string | undefined,
  defaultPort: number | undefined,
): DataSource {
  const isSocket = address !== undefined && /^[/@]/.test(address);
  const isAddress = isPresentable(address) && (isSocket || !address.includes("@"));
  const number = Number(port || defaultPort);
  const isPort = isAddress && !isSocket && Number.isInteger(number) && number > 0 && number <= 65535;
  return {
    ...(isAddress ? { address } : {}),
    ...(isPort ? { port: number } : {}),
    ...(isPresentable(namespace) ? { namespace } : {}),
  };
}

function isPresentable(text: string | undefined): text is string {
  return text !== undefined && text !== "" && text.length <= maxLength && !/[\p{Cc}\ufffd]/u.test(text);
}

function fromUrl(dsn: string, truncated: boolean): Parts {
  const url = parseDsnUrl(dsn, truncated);
  if (!url) return {};
  return {
    address: url.host,
    port: url.port,
    namespace: url.path.split("/", 1)[0] || url.parameters.get("database"),
  };
}

/** A URL, or libpq's pairs. Of several hosts the first; environment variables of the target are not asked. */
function postgresql(dsn: string, truncated: boolean): Parts {
  const url = parseDsnUrl(dsn, truncated);
  const pairs = url?.parameters ?? parseSpacedPairs(dsn, truncated);
  const first = (name: string) => pairs.get(name)?.split(",", 1)[0];
  return {
    address: first("host") || first("hostaddr") || url?.host,
    port: first("port") || url?.port,
    namespace: pairs.get("dbname") || pairs.get("database") || url?.path,
  };
}

/** user:password@network(address)/name?parameters, where the last "/" and the last "@" in front of it count. */
function mysql(dsn: string, truncated: boolean): Parts {
  // A password may hold every character, and "/" and "@" of what is not known count.
  if (truncated) return {};
  const slash = dsn.lastIndexOf("/");
  if (slash < 0) return {};
  const place = dsn.slice(dsn.lastIndexOf("@", slash) + 1, slash);
  const found = /^([^()]*)(?:\(([^()]*)\))?$/.exec(place);
  if (!found) return {};
  return {
    ...mysqlAddress(found[1] ?? "", found[2] ?? ""),
    namespace: dsn.slice(slash + 1).split("?", 1)[0],
  };
}

/** Network and address as in the driver's Config; empty ones are the driver's defaults. */
export function mysqlAddress(
  network: string,
  address: string,
): { address?: string; port?: number | undefined } {
  if (network === "unix") return { address: address || "/tmp/mysql.sock" };
  if (!address) return network === "" || network === "tcp" ? { address: "127.0.0.1" } : {};
  const { host, port } = splitHostPort(address);
  return { address: host || "127.0.0.1", port };
}

/** A file's name, without its directory, which may name a person. */
function sqlite(dsn: string, truncated: boolean): Parts {
  if (/^(libsql|wss?|https?):\/\//i.test(dsn)) return fromUrl(dsn, truncated);
  if (truncated && !dsn.includes("?")) return {};
  const name = dsn.replace(/^file:/i, "").split(/[?#]/, 1)[0] ?? "";
  return { namespace: name.slice(name.lastIndexOf("/") + 1) };
}

/** A URL, or pairs: ODBC's behind "odbc:", else ADO's. The namespace is "instance|database", where there is an instance. */
function sqlServer(dsn: string, truncated: boolean): Parts {
  const url = parseDsnUrl(dsn, truncated);
  if (url) return sqlServerUrl(url);
  const pairs = parseSemicolonPairs(dsn.replace(/^odbc:/i, ""), truncated);
  const any = (...names: readonly string[]) => names.map((name) => pairs.get(name)).find(Boolean);
  const server =
    any("server", "data source", "address", "network address", "addr")?.replace(/^[a-z]+:/i, "") ?? "";
  const [, host = "", instance = "", port] = /^([^\\,]*)(?:\\([^,]*))?(?:,\s*(\d+))?$/.exec(server) ?? [];
  return {
    address: host === "." || host.toLowerCase() === "(local)" ? "localhost" : host,
    port: port ?? any("port"),
    namespace: [instance, any("database", "initial catalog")].filter(Boolean).join("|"),
  };
}

function sqlServerUrl({ host, port, path, parameters }: DsnUrl): Parts {
  return {
    address: host,
    port,
    namespace: [path, parameters.get("database")].filter(Boolean).join("|"),
  };
}

/** A URL; user/password@host:port/service; or pairs with a connectString of that form. */
function oracle(dsn: string, truncated: boolean): Parts {
  if (parseDsnUrl(dsn, truncated)) return fromUrl(dsn, truncated);
  if (truncated) return {};
  const connect = parseSpacedPairs(dsn, false).get("connectstring") ?? dsn.slice(dsn.lastIndexOf("@") + 1);
  if (connect === dsn) return {};
  const [, host, port, service] =
    /^(?:\/\/)?([\w.-]+|\[[0-9a-f:]+\])(?::(\d+))?(?:\/([\w.$#-]+))?$/i.exec(connect) ?? [];
  // Without port and service it is an alias of the client's own files.
  return port || service ? { address: host, port, namespace: service } : {};
}
