/** What the agent writes to and reads from the maps of ebpf/include/outgoing.h. */
import { encodeOutgoingSettings, OutgoingCount, Propagator } from "../generated/shared.ts";
import { socketTierOff } from "../report/propagation.ts";
import { addon, type BpfMap, isSystemError } from "./addon.ts";

export type PropagatorName = keyof typeof Propagator;
export type OutgoingCounts = Readonly<Record<keyof typeof OutgoingCount, number>>;

/** The way from a task to the cookie of one of its sockets. */
const kernelFields = [
  ["task_struct", "files"],
  ["files_struct", "fdt"],
  ["fdtable", "fd"],
  ["file", "private_data"],
  ["socket", "sk"],
  ["sock_common", "skc_cookie"],
] as const;

export type SocketPath = readonly number[];

/** Where the kernel keeps them, in bytes; a text says why that is not known. */
export function socketPath(): SocketPath | string {
  let offsets: readonly (number | undefined)[];
  try {
    offsets = addon().kernelFieldOffsets(kernelFields);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return socketTierOff.noKernelTypes;
  }
  const missing = kernelFields.find((_, i) => offsets[i] === undefined);
  if (missing) return socketTierOff.unknownKernelField(missing[0], missing[1]);
  return offsets.map((offset) => offset ?? 0);
}

const onlyKey = Buffer.alloc(4);

/** From now on these are written; nothing when there are none. */
export function writeSettings(map: BpfMap, path: SocketPath, propagators: readonly PropagatorName[]): void {
  const [taskFiles = 0, filesTable = 0, tableFiles = 0, fileSocket = 0, socketSock = 0, sockCookie = 0] =
    path;
  const mask = propagators.reduce((mask, name) => mask | Propagator[name], 0);
  map.update(
    onlyKey,
    encodeOutgoingSettings({
      propagators: mask,
      taskFiles,
      filesTable,
      tableFiles,
      fileSocket,
      socketSock,
      sockCookie,
    }),
  );
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
