/** Whom a connection is for, by the target that it was dialed with: https://github.com/grpc/grpc/blob/master/doc/naming.md */
import { splitHostPort } from "../../../http.ts";
import { withoutSecrets } from "../address.ts";

export interface ServerAddress {
  /** A host's name or address, a socket's path, or a service's name in some registry. */
  readonly host: string;
  readonly port: number | undefined;
}

/** Most bytes of a target, as ebpf/libraries/google.golang.org/grpc/client/client.h has it. */
export const maxTarget = 192;

/** Those that may stand without "//": a plain "host:port" looks just like one. */
const schemes = new Set(["dns", "passthrough", "unix", "unix-abstract", "xds", "ipv4", "ipv6", "vsock"]);

/** `authority` is the connection's, for a target that names nobody: "passthrough:///" with a dialer of its own. */
export function serverOf(target: string, authority: string): ServerAddress {
  // Half a name is another name, and may be a password whose end is missing.
  if ([target, authority].some((text) => Buffer.byteLength(text) >= maxTarget))
    return { host: "", port: undefined };
  const { scheme, endpoint } = splitTarget(target);
  if (scheme === "unix") return { host: endpoint, port: undefined };
  if (scheme === "unix-abstract") return { host: `@${endpoint}`, port: undefined };
  // Several addresses at once are no one's.
  if (endpoint.includes(",")) return { host: endpoint, port: undefined };
  const { host, port } = splitHostPort(endpoint || withoutSecrets(authority));
  return { host, port: port ?? (scheme === "dns" && host ? dnsPort : undefined) };
}

/** What gRPC's dns resolver takes when the target has none. */
const dnsPort = 443;

/** "scheme://authority/endpoint", "scheme:endpoint" or "endpoint", as url.Parse in grpc's clientconn.go reads it. */
function splitTarget(target: string): { readonly scheme: string; readonly endpoint: string } {
  const [, scheme = "", authority, rest = ""] =
    /^([a-z][a-z\d+.-]*):(?:\/\/([^/]*))?(.*)$/is.exec(target) ?? [];
  const known = authority !== undefined || schemes.has(scheme);
  if (!known) return { scheme: "", endpoint: withoutSecrets(target) };
  if (scheme === "unix" || scheme === "unix-abstract") return { scheme, endpoint: rest };
  return { scheme, endpoint: withoutSecrets(rest.replace(/^\//, "")) };
}
