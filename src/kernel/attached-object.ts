import {
  kernelTypesMissing,
  objectInvalid,
  objectRefused,
  programRefused,
  siteRefused,
} from "../report/kernel.ts";
import { UserError } from "../report/user-error.ts";
import {
  addon,
  type BpfMap,
  type BpfObject,
  errnoName,
  isSystemError,
  type RunStatistics,
  type SystemCall,
  type SystemError,
  type UprobeLink,
} from "./addon.ts";
import type { KernelFeatures } from "./features.ts";
import { permissionError } from "./refusal.ts";
import type { SharedMaps } from "./shared-maps.ts";
import type { ObjectPlan, ProgramPlan } from "./types.ts";

const hashMap = 1; // BPF_MAP_TYPE_HASH
const lruHashMap = 9; // BPF_MAP_TYPE_LRU_HASH
const noPreallocation = 1; // BPF_F_NO_PREALLOC

/** Bytes of a trace's id and a span's, which an operation begins with. */
export const idBytes = 24;

export interface Place {
  readonly pid: number;
  readonly exe: string;
}

export interface ProgramStatistics extends RunStatistics {
  readonly object: string;
  readonly program: string;
}

/** One BPF object in the kernel, with its programs attached to one process. */
export class AttachedObject {
  readonly #plan: ObjectPlan;
  readonly #object: BpfObject;
  readonly #links: { readonly link: UprobeLink; readonly starts: boolean }[] = [];
  readonly #attachCall: SystemCall;
  /** Places that were found while it ran. */
  readonly #moreStarts: ProgramPlan[] = [];

  /** Loads and attaches, or throws a UserError and leaves nothing behind. */
  constructor(plan: ObjectPlan, place: Place, shared: SharedMaps, features: KernelFeatures) {
    this.#plan = plan;
    this.#attachCall = features.uprobeMulti ? "bpf" : "perf_event_open";
    this.#object = open(plan);
    try {
      this.#prepare(shared, features);
      this.#load();
      shared.take(this.#object);
      for (const program of this.#programs()) this.#attach(program, place);
    } catch (error) {
      this.close();
      throw error instanceof UserError ? error : objectInvalid(plan.name, String(error));
    }
  }

  /** One more place for a program; those of ends go as the last ones do. Throws a UserError. */
  attachMore(program: string, fileOffset: number, place: Place): void {
    const starts = this.#learnsStarts(program);
    const more = { program, sites: [{ fileOffset }], starts };
    this.#attach(more, place);
    if (starts) this.#moreStarts.push(more);
    else this.#links.unshift(...this.#links.splice(-1));
  }

  #learnsStarts(name: string): boolean {
    return this.#plan.programs.some(({ program, starts, learned }) => program === name && starts && learned);
  }

  get sites(): number {
    return this.#programs().reduce((sum, program) => sum + program.sites.length, 0);
  }

  runStats(): readonly ProgramStatistics[] {
    return this.#programs().map(({ program }) => ({
      object: this.#plan.name,
      program,
      ...this.#object.runStats(program),
    }));
  }

  /** Takes the probes out that begin operations; those under way go on to their ends. */
  stopStarting(): void {
    const starting = this.#links.filter(({ starts }) => starts);
    this.#links.splice(0, this.#links.length, ...this.#links.filter(({ starts }) => !starts));
    for (const { link } of starting.reverse()) link.detach();
  }

  /** Puts them in again. Throws a UserError. */
  startAgain(place: Place): void {
    const starting = this.#programs().filter(({ starts }) => starts);
    for (const program of [...starting, ...this.#moreStarts]) this.#attach(program, place);
  }

  /**
   * What is under way when no probe is left: in tables of the object's own, by goroutine, or by goroutine and level.
   * Each begins with the ids of its span (ebpf/include/open_span.h).
   */
  operations(shared: SharedMaps): readonly { readonly goid: Buffer; readonly ids: Buffer }[] {
    const tables = this.#object
      .maps()
      .filter(
        ({ name, type, keySize }) =>
          [hashMap, lruHashMap].includes(type) &&
          (keySize === 8 || operationTable.test(name)) &&
          this.#isOwn(name, shared),
      )
      .map(({ name }) => this.#object.map(name));
    const found = tables.flatMap((table) =>
      table.keys(table.info.maxEntries).flatMap((key) => {
        const ids = table.lookup(key)?.subarray(0, idBytes);
        return ids ? [{ goid: key.subarray(0, 8), ids }] : [];
      }),
    );
    // A table that others read outlives the object.
    for (const table of [...tables, ...this.partTables()]) {
      for (const key of table.keys(table.info.maxEntries)) table.delete(key);
      table.close();
    }
    return found;
  }

  #isOwn(name: string, shared: SharedMaps): boolean {
    return !shared.has(name) || (operationTable.test(name) && this.#begins());
  }

  #begins(): boolean {
    return this.#plan.programs.some(({ starts }) => starts);
  }

  /** Its tables of operations by goroutine (ebpf/include/open_span.h), to be closed by the caller. */
  operationTables(): readonly BpfMap[] {
    if (!this.#begins()) return [];
    const names = this.#object.maps().map(({ name }) => name);
    return names.filter((name) => operationTable.test(name)).map((name) => this.#object.map(name));
  }

  /** Its tables of what operations keep for each of several spans, by goroutine and index, to be closed by the caller. */
  partTables(): readonly BpfMap[] {
    if (!this.#begins()) return [];
    const maps = this.#object
      .maps()
      .filter(({ name, keySize }) => keySize === 16 && name.endsWith("_messages"));
    return maps.map(({ name }) => this.#object.map(name));
  }

  /** In the reverse order of attaching, so that no span starts whose end would be missed. */
  detach(): void {
    for (const { link } of this.#links.splice(0).reverse()) link.detach();
  }

  close(): void {
    this.detach();
    this.#object.close();
  }

  #programs(): readonly ProgramPlan[] {
    return this.#plan.programs.filter(({ sites, learned }) => sites.length > 0 || learned);
  }

  #prepare(shared: SharedMaps, features: KernelFeatures): void {
    const wanted = new Set(this.#programs().map(({ program }) => program));
    for (const program of this.#object.programs()) this.#object.setAutoload(program, wanted.has(program));
    for (const program of wanted) this.#object.setAttachMulti(program, features.uprobeMulti);
    for (const [variable, value] of this.#plan.globals) this.#object.setGlobal(variable, value);
    if (features.mapsOnDemand)
      for (const { name, type } of this.#object.maps())
        if (type === hashMap) this.#object.setMapFlags(name, noPreallocation);
    const maps = new Set(this.#object.maps().map(({ name }) => name));
    for (const [map, entries] of this.#plan.maxEntries ?? [])
      if (maps.has(map)) this.#object.setMaxEntries(map, entries);
    shared.give(this.#object, this.#plan.name);
  }

  #load(): void {
    try {
      this.#object.load();
    } catch (error) {
      if (!isSystemError(error)) throw error;
      throw explainLoad(this.#plan.name, error);
    }
  }

  #attach({ program, sites, starts = false }: ProgramPlan, { pid, exe }: Place): void {
    if (sites.length === 0) return;
    try {
      const offsets = sites.map(({ fileOffset }) => fileOffset);
      this.#links.push({ link: this.#object.attachUprobe(program, pid, exe, offsets), starts });
    } catch (error) {
      if (!isSystemError(error)) throw error;
      throw explainAttach(this.#plan.name, program, pid, this.#attachCall, error);
    }
  }
}

function open(plan: ObjectPlan): BpfObject {
  try {
    return new (addon().BpfObject)(plan.bytes, plan.name);
  } catch (error) {
    throw objectInvalid(plan.name, error instanceof Error ? error.message : String(error));
  }
}

/** As tables of operations by goroutine are named; those of calls that send are shared with who writes context out. */
const operationTable = /_(operations|sends)$/;

/** Only what opened the target's executable gets here, so CAP_SYS_PTRACE is not what is missing. */
const wanted = ["CAP_BPF", "CAP_PERFMON"] as const;

function explainLoad(object: string, error: SystemError): UserError {
  const code = errnoName(error.errno);
  // libbpf's own words; the verifier's log stands between them.
  const program = /prog '([^']+)': BPF program load failed/.exec(error.log)?.[1];
  if (program !== undefined && error.log.includes("BEGIN PROG LOAD LOG")) {
    return programRefused(object, program, code, error.log);
  }
  if (error.log.includes("failed to find valid kernel BTF")) return kernelTypesMissing(object, error.log);
  const refusal = permissionError(code, { doing: `load ${object}`, call: "bpf", wanted });
  return refusal ?? objectRefused(object, code, error.log);
}

function explainAttach(
  object: string,
  program: string,
  pid: number,
  call: SystemCall,
  error: SystemError,
): UserError {
  const code = errnoName(error.errno);
  const refusal = permissionError(code, { doing: `attach to process ${pid}`, call, wanted });
  return refusal ?? siteRefused(object, program, code, error.log);
}
