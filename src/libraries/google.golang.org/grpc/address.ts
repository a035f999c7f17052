import { AddressKind } from "../../../generated/libraries/google.golang.org/grpc/server.ts";
import { type FieldSpec, field, type ItabSpec } from "../../descriptor.ts";
import { splitHostPort } from "../../http.ts";

/** One end of a connection; without a port it is a Unix socket, or what a name says that has none. */
export interface Address {
  /** "" for the nameless client of a Unix socket. */
  readonly host: string;
  readonly port: number | undefined;
  readonly isUnix: boolean;
}

/** As a record has it: struct address of ebpf/libraries/google.golang.org/grpc/address.h. */
export interface AddressRecord {
  readonly kind: number;
  /** 16 bytes in hex, of which an IPv4 address takes the first four. */
  readonly ip: string;
  readonly port: number;
  readonly name: string;
}

/** Constants of address.h. */
export const addressFields = {
  tcp_address_ip: field("net.TCPAddr.IP"),
  tcp_address_port: field("net.TCPAddr.Port"),
  unix_address_name: field("net.UnixAddr.Name"),
} as const satisfies Record<string, FieldSpec>;

export const addressItabs = {
  address_tcp: { interface: "net.Addr", concrete: "*net.TCPAddr" },
  address_unix: { interface: "net.Addr", concrete: "*net.UnixAddr" },
} as const satisfies Record<string, ItabSpec>;

/** Undefined where the program couldn't tell. */
export function addressOf({ kind, ip, port, name }: AddressRecord): Address | undefined {
  const bytes = Buffer.from(ip, "hex");
  switch (kind) {
    case AddressKind.ip4:
      return { host: ip4(bytes), port, isUnix: false };
    case AddressKind.ip6:
      return { host: isMapped(bytes) ? ip4(bytes.subarray(12)) : ip6(bytes), port, isUnix: false };
    case AddressKind.unix:
      // "@" alone is how Go writes an end without a name.
      return { host: name === "@" ? "" : name, port: undefined, isUnix: true };
    case AddressKind.text:
      return ofText(name);
    default:
      return undefined;
  }
}

/** Addresses that net/http has written: "127.0.0.1:80", "[::1]:80", "@" for the client of a Unix socket. */
function ofText(text: string): Address {
  const { host, port } = splitHostPort(text === "@" ? "" : text);
  return { host, port, isUnix: port === undefined };
}

function ip4(bytes: Buffer): string {
  return bytes.subarray(0, 4).join(".");
}

/** ::ffff:0:0/96, as a socket that listens on all addresses sees clients of IPv4. */
function isMapped(bytes: Buffer): boolean {
  return bytes.readBigUInt64BE(0) === 0n && bytes.readUInt32BE(8) === 0xffff;
}

/** As RFC 5952 writes it: small letters, no leading zeros, the first of the longest runs of zeros left out. */
function ip6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  const text = groups.join(":");
  const longest = [...text.matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)]
    .map(([zeros]) => zeros)
    .reduce((best, zeros) => (zeros.length > best.length ? zeros : best), "");
  if (longest === "") return text;
  const at = text.search(new RegExp(`(?<![0-9a-f])${longest}(?![0-9a-f])`));
  return `${text.slice(0, at).replace(/:$/, "")}::${text.slice(at + longest.length).replace(/^:/, "")}`;
}

/** "user:password@host:port?token=…" → "host:port". Where it is not sure what is secret, nothing is left. */
export function withoutSecrets(endpoint: string): string {
  const [place = "", ...rest] = endpoint.split(/[?#]/);
  return rest.some((text) => text.includes("@")) ? "" : place.slice(place.lastIndexOf("@") + 1);
}
