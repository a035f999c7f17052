/** What the agent writes to and reads from the maps of ebpf/include/outgoing.h. */
import {
  encodeOutgoingSettings,
  OutgoingCount,
  type OutgoingSettings,
  Propagator,
} from "../generated/shared.ts";
import type { BpfMap } from "./addon.ts";
import { kernelOffsets } from "./kernel-fields.ts";

export type PropagatorName = keyof typeof Propagator;
export type OutgoingCounts = Readonly<Record<keyof typeof OutgoingCount, number>>;

/** The way from a task to the cookie of one of its sockets, and on to how far that has sent, in bytes. */
export type SocketPath = Omit<OutgoingSettings, "propagators">;

/** Where there is no socket tier nobody asks for a cookie. */
export const noSocketPath: SocketPath = {
  taskFiles: 0,
  filesTable: 0,
  tableFiles: 0,
  fileSocket: 0,
  socketSock: 0,
  sockCookie: 0,
  tcpWritten: 0,
  tcpSent: 0,
  tcpSegment: 0,
  sockQueued: 0,
  sockSendBuffer: 0,
  tcpUnsentLimit: 0,
  sockNet: 0,
  netIpv4: 0,
  ipv4UnsentLimit: 0,
};

/** A text says why it is not known. */
export function socketPath(): SocketPath | string {
  return kernelOffsets({
    taskFiles: ["task_struct", "files"],
    filesTable: ["files_struct", "fdt"],
    tableFiles: ["fdtable", "fd"],
    fileSocket: ["file", "private_data"],
    socketSock: ["socket", "sk"],
    sockCookie: ["sock_common", "skc_cookie"],
    tcpWritten: ["tcp_sock", "write_seq"],
    tcpSent: ["tcp_sock", "snd_nxt"],
    tcpSegment: ["tcp_sock", "mss_cache"],
    sockQueued: ["sock", "sk_wmem_queued"],
    sockSendBuffer: ["sock", "sk_sndbuf"],
    tcpUnsentLimit: ["tcp_sock", "notsent_lowat"],
    sockNet: ["sock_common", "skc_net"],
    netIpv4: ["net", "ipv4"],
    ipv4UnsentLimit: ["netns_ipv4", "sysctl_tcp_notsent_lowat"],
  });
}

const onlyKey = Buffer.alloc(4);

/** From now on these are written; nothing when there are none. */
export function writeSettings(map: BpfMap, path: SocketPath, propagators: readonly PropagatorName[]): void {
  const mask = propagators.reduce((mask, name) => mask | Propagator[name], 0);
  map.update(onlyKey, encodeOutgoingSettings({ propagators: mask, ...path }));
}

export function readOutgoingCounts(map: BpfMap): OutgoingCounts {
  const entries = Object.entries(OutgoingCount).map(([name, index]) => [name, sumOf(map, index)] as const);
  return Object.fromEntries(entries) as OutgoingCounts;
}

/** Of all CPUs. */
function sumOf(map: BpfMap, index: number): number {
  const key = Buffer.alloc(4);
  key.writeUInt32LE(index);
  const values = map.lookup(key) ?? Buffer.alloc(0);
  let sum = 0n;
  for (let at = 0; at < values.length; at += 8) sum += values.readBigUInt64LE(at);
  return Number(sum);
}
