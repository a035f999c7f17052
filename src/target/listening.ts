/** Which TCP addresses does a process listen on? man 5 proc_pid_net, proc_pid_fd. */
import { readdirSync, readlinkSync } from "node:fs";
import { tryRead } from "./proc.ts";

/** TCP_LISTEN of include/net/tcp_states.h. */
const listenState = "0A";

/** Bytes of a table that are looked at: 50,000 connections. */
const maxTable = 8 << 20;
/** Open files that are looked at. */
const maxFiles = 65_536;

/** "127.0.0.1:8080" or "[::]:9090", each once; empty where it can't be told. In the target's own network namespace. */
export function listeningAddresses(pid: number): readonly string[] {
  const own = socketInodes(pid);
  const found = ["tcp", "tcp6"].flatMap((name) =>
    parseListening(tryRead(`/proc/${pid}/net/${name}`, maxTable)?.toString("latin1") ?? ""),
  );
  return [...new Set(found.filter(({ inode }) => own.has(inode)).map(({ address }) => address))];
}

export interface Listening {
  readonly address: string;
  readonly inode: string;
}

/** Sockets that listen, out of the text of /proc/PID/net/tcp or tcp6. */
export function parseListening(text: string): readonly Listening[] {
  return text.split("\n").flatMap((line) => {
    // "0: 0100007F:1F90 00000000:0000 0A tx:rx timer retransmits uid timeout inode …"
    const [, local = "", , state, , , , , , inode = "0"] = line.trim().split(/\s+/);
    const [, address = "", port = ""] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(local) ?? [];
    if (state !== listenState || address === "") return [];
    const host = address.length === 8 ? ipv4(address) : `[${ipv6(address)}]`;
    return [{ address: `${host}:${Number.parseInt(port, 16)}`, inode }];
  });
}

/** Each 32-bit word stands in the machine's order, which is little-endian on both architectures. */
function bytesOf(address: string): Buffer {
  const bytes = Buffer.from(address, "hex");
  return bytes.swap32();
}

function ipv4(address: string): string {
  return [...bytesOf(address)].join(".");
}

function ipv6(address: string): string {
  const bytes = bytesOf(address);
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16));
  // A URL's parser knows how an IPv6 address is shortened.
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

function socketInodes(pid: number): ReadonlySet<string> {
  const inodes = new Set<string>();
  for (const file of files(pid).slice(0, maxFiles)) {
    const inode = /^socket:\[(\d+)\]$/.exec(link(`/proc/${pid}/fd/${file}`))?.[1];
    if (inode !== undefined) inodes.add(inode);
  }
  return inodes;
}

function files(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`);
  } catch {
    return [];
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
