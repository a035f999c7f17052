/** Trace context is put into requests of HTTP/1 and calls of gRPC where they leave the sockets: ebpf/propagation/socket. */
import { statSync } from "node:fs";
import { cpus } from "node:os";
import type { SocketMap } from "../libraries/descriptor.ts";
import { socketTierOff } from "../report/propagation.ts";
import { type Capability, heldCapabilities, missingCapabilities } from "../target/capabilities.ts";
import { tryRead } from "../target/proc.ts";
import { addon, type BpfMap, type BpfObject, errnoName, isSystemError, type ProgramLink } from "./addon.ts";
import { adoptionRefusal } from "./adoption.ts";
import { cgroupDirectories, cgroupOf } from "./cgroup.ts";
import { readObject } from "./objects.ts";
import {
  type OutgoingCounts,
  type PropagatorName,
  readOutgoingCounts,
  type SocketPath,
  socketPath,
  writeSettings,
} from "./outgoing.ts";
import { filterOf, lockedMemoryLimit } from "./refusal.ts";
import { processConstants } from "./target-process.ts";

/** Maps that uprobe programs share with those on the sockets: ebpf/include/outgoing.h. */
const sharedMaps = [
  "outgoing_heads",
  "outgoing_connections",
  "outgoing_frames",
  "outgoing_settings",
  "outgoing_counts",
] as const;

/** Those whose entries are texts, and large. */
const textMaps: readonly SocketMap[] = ["outgoing_heads", "outgoing_frames"];

/** Most connections that can be watched: max_entries of `connections` in ebpf/propagation/socket/probe.bpf.c. */
const maxConnections = 65_536;

/**
 * Entries of a map of texts, which the kernel allocates and charges at once, 1,376 bytes each: 11 MB with 8192, for
 * each target that uses it. Before 6.16 each CPU keeps up to 128 of an LRU map's entries to itself: so twice that for each. With
 * 2048, all of 10,000 requests carried their own, 4096 at once.
 */
function headsFor(cpuCount: number): number {
  return Math.min(Math.max(2048, 256 * cpuCount), 8192);
}

const sockHashMap = 18; // BPF_MAP_TYPE_SOCKHASH

/** Whether a map of sockets can be made. It takes CAP_NET_ADMIN; on recent kernels CAP_SYS_ADMIN does, on 6.1 it doesn't. */
export function mayWatchSockets(): boolean {
  return addon().tryCreateMap(sockHashMap, 8, 8, 1) === 0;
}

export interface SocketTierTarget {
  readonly pid: number;
  /** Text of /proc/PID/cgroup. */
  readonly cgroup: string;
}

/** What became of the connections that were open when the tier was switched on. */
export interface Adoption {
  readonly adopted: number;
  readonly failed: number;
  /** Why this agent may not take over any. */
  readonly refused: string | undefined;
}

/** Connections that the target opens are watched from `open` on; context is written between `start` and `close`. */
export class SocketTier {
  /** To be shared with the objects of uprobes: SessionPlan.existingMaps. */
  readonly maps: ReadonlyMap<string, BpfMap>;
  readonly #object: BpfObject;
  readonly #links: readonly ProgramLink[];
  readonly #connections: BpfMap;
  readonly #cookies: BpfMap;
  readonly #path: SocketPath;
  readonly #pid: number;

  /**
   * Finds out by doing it whether it works here; else the text says why not, and nothing is left behind. `used`: what
   * the target's libraries leave text in.
   */
  static open(target: SocketTierTarget, used: readonly SocketMap[] = textMaps): SocketTier | string {
    return attempt(target, (object, ground) => new SocketTier(object, target.pid, ground, used));
  }

  /** Why it would not work for this target, as far as that shows without touching a socket; undefined: it would. */
  static refusal(target: SocketTierTarget): string | undefined {
    const result = attempt(target, (object, { constants }) => {
      load(object, constants, textMaps);
      object.close();
    });
    return result ?? undefined;
  }

  private constructor(
    object: BpfObject,
    pid: number,
    { path, constants, cgroup }: Ground,
    used: readonly SocketMap[],
  ) {
    this.#object = object;
    this.#pid = pid;
    this.#path = path;
    load(object, constants, used);
    this.maps = new Map(sharedMaps.map((name) => [name, object.map(name)]));
    this.#connections = object.map("connections");
    this.#cookies = object.map("cookies");
    this.#links = attachAll(object, ["connected", "connecting4", "connecting6"], cgroup);
  }

  /** To be called when the uprobes are there. Takes over the target's open connections too. */
  start(propagators: readonly PropagatorName[]): Adoption {
    writeSettings(this.#map("outgoing_settings"), this.#path, propagators);
    try {
      const { cookies, failed } = addon().adoptConnections(this.#pid, this.#connections, this.#cookies);
      // What was left for them before they were watched belongs to a request that has been sent already.
      for (const map of ["outgoing_heads", "outgoing_connections"] as const)
        for (const cookie of cookies) this.#map(map).delete(u64(cookie));
      return { adopted: cookies.length, failed, refused: undefined };
    } catch (error) {
      if (!isSystemError(error)) throw error;
      return { adopted: 0, failed: 0, refused: adoptionRefusal(this.#pid, errnoName(error.errno)) };
    }
  }

  counts(): OutgoingCounts {
    return readOutgoingCounts(this.#map("outgoing_counts"));
  }

  /** Gives the connections back; what is being sent on them goes on. */
  close(): void {
    writeSettings(this.#map("outgoing_settings"), this.#path, []);
    for (const link of this.#links) link.detach();
    for (const key of this.#connections.keys(maxConnections)) this.#connections.delete(key);
    for (const map of [...this.maps.values(), this.#connections, this.#cookies]) map.close();
    this.#object.close();
  }

  #map(name: (typeof sharedMaps)[number]): BpfMap {
    return this.maps.get(name) as BpfMap;
  }
}

/** What has to be known of kernel and target beforehand. */
interface Ground {
  readonly path: SocketPath;
  readonly constants: ReadonlyMap<string, Buffer>;
  /** Directory of the target's cgroup. */
  readonly cgroup: string;
}

function groundOf(target: SocketTierTarget): Ground | string {
  const path = socketPath();
  if (typeof path === "string") return path;
  const constants = processConstants(target.pid);
  if (typeof constants === "string") return constants;
  const cgroup = findCgroup(target);
  return typeof cgroup === "object" ? { path, constants, cgroup: cgroup.directory } : cgroup;
}

/** What `use` makes of the tier's object, which is closed when it fails; a text says why it can't be. */
function attempt<T>(target: SocketTierTarget, use: (object: BpfObject, ground: Ground) => T): T | string {
  const ground = groundOf(target);
  if (typeof ground === "string") return ground;
  const object = new (addon().BpfObject)(readSocketObject(), "socket tier");
  try {
    return use(object, ground);
  } catch (error) {
    object.close();
    if (!isSystemError(error)) throw error;
    return refusal(error.message, errnoName(error.errno));
  }
}

function load(object: BpfObject, constants: ReadonlyMap<string, Buffer>, used: readonly SocketMap[]): void {
  for (const [name, value] of constants) object.setGlobal(name, value);
  for (const map of textMaps) object.setMaxEntries(map, used.includes(map) ? headsFor(cpus().length) : 1);
  object.load();
  object.attachToMap("write_context", "connections");
}

function readSocketObject(): Buffer {
  return readObject(process.arch === "x64" ? "amd64" : "arm64", "propagation/socket", false);
}

/** All or none. */
function attachAll(object: BpfObject, programs: readonly string[], cgroup: string): readonly ProgramLink[] {
  const links: ProgramLink[] = [];
  try {
    for (const program of programs) links.push(object.attachCgroup(program, cgroup));
    return links;
  } catch (error) {
    for (const link of links) link.detach();
    throw error;
  }
}

/** Longest text of mountinfo that is looked at, in bytes: some 50,000 mounts. */
const maxMountinfo = 8 << 20;

/** By our own mounts, else by the target's: a container sees its own cgroup, and not its neighbour's. */
function findCgroup(target: SocketTierTarget): { readonly directory: string } | string {
  const cgroup = cgroupOf(target.cgroup);
  if (cgroup === undefined) return socketTierOff.noCgroup(undefined);
  for (const [process, root] of [
    ["self", ""],
    [target.pid, `/proc/${target.pid}/root`],
  ] as const) {
    const mountinfo = tryRead(`/proc/${process}/mountinfo`, maxMountinfo)?.toString() ?? "";
    const found = cgroupDirectories(cgroup, mountinfo).find((path) => isThere(root + path));
    if (found !== undefined) return { directory: root + found };
  }
  return socketTierOff.noCgroup(cgroup);
}

/** existsSync asks without the capabilities of a user other than root: man 2 access. */
function isThere(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

const wanted: readonly Capability[] = ["CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN"];

function refusal(message: string, code: string): string {
  if (code !== "EPERM" && code !== "EACCES") return socketTierOff.refused(message, code);
  const held = heldCapabilities();
  const missing = missingCapabilities(wanted, held);
  if (missing.length > 0) return socketTierOff.missing(missing);
  const filtered = filterOf("bpf");
  if (filtered !== undefined) return socketTierOff.filtered("bpf", filtered);
  // CAP_SYS_ADMIN in its place is enough on recent kernels only.
  if (!held.has("CAP_NET_ADMIN")) return socketTierOff.missing(["CAP_NET_ADMIN"]);
  const limit = lockedMemoryLimit();
  return limit === undefined ? socketTierOff.refused(message, code) : socketTierOff.lockedMemory(limit);
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}
