import { isIPv4, isIPv6 } from "node:net";
import { InvalidValue, integer, type Parser } from "./values.ts";

/** Where to listen. */
export interface ListenAddress {
  /** Name or address; undefined for all addresses of this machine. */
  readonly host: string | undefined;
  /** 0: any that is free. */
  readonly port: number;
}

const port = integer(0, 65_535);

/** "HOST:PORT", "[::1]:PORT", ":PORT" or "PORT" alone. */
export const listenAddress: Parser<ListenAddress> = (value) => {
  const [, brackets, name, digits = ""] = /^(?:(?:\[([^\]]*)\]|([^:]*)):)?([^:]*)$/.exec(value) ?? [];
  const host = brackets ?? name;
  if ((brackets !== undefined && !isIPv6(brackets)) || (name && !isHost(name))) throw invalidAddress();
  try {
    return { host: host || undefined, port: port(digits) };
  } catch {
    throw invalidAddress();
  }
};

function isHost(name: string): boolean {
  return /^[\d.]+$/.test(name) ? isIPv4(name) : /^[a-z\d]([a-z\d._-]*[a-z\d])?$/i.test(name);
}

function invalidAddress(): InvalidValue {
  return new InvalidValue("HOST:PORT, [IPv6]:PORT or :PORT with a port from 0 to 65535, for example :9464");
}
