import { olderKernel } from "../report/kernel.ts";
import { UserError } from "../report/user-error.ts";
import type { BpfMap } from "./addon.ts";
import { AttachedObject, type ProgramStatistics } from "./attached-object.ts";
import type { KernelFeatures } from "./features.ts";
import { SharedMaps } from "./shared-maps.ts";
import type { ObjectPlan, ObjectStatus, SessionPlan } from "./types.ts";

/** The programs of one target in the kernel. They are gone when this process ends, however it ends. */
export class KernelSession {
  /** One for each object of the plan, in its order. */
  readonly statuses: readonly ObjectStatus[];
  readonly #objects = new Map<string, AttachedObject>();
  readonly #shared: SharedMaps;
  readonly #plan: SessionPlan;
  readonly #features: KernelFeatures;
  /** Figures of objects that are gone. */
  readonly #past = new Map<string, ProgramStatistics>();

  /** Loads and attaches each object alone: one that fails is told in `statuses`, and the others work. */
  constructor(plan: SessionPlan, features: KernelFeatures) {
    this.#plan = plan;
    this.#features = features;
    this.#shared = new SharedMaps(plan);
    this.statuses = plan.objects.map((object) => this.add(object));
  }

  /** Loads and attaches one more object, which may have been there before. */
  add(plan: ObjectPlan): ObjectStatus {
    try {
      refuseOldKernel(plan, this.#features);
      const object = new AttachedObject(plan, this.#plan, this.#shared, this.#features);
      this.#objects.set(plan.name, object);
      return { name: plan.name, attached: true, sites: object.sites };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { name: plan.name, attached: false, error };
    }
  }

  has(object: string): boolean {
    return this.#objects.has(object);
  }

  /** Objects that are added from now on share these maps with their owner: SessionPlan.existingMaps. */
  useMaps(existing: NonNullable<SessionPlan["existingMaps"]>): void {
    this.#shared.use(existing);
  }

  /** An object begins nothing new from here on; what is under way goes on to its end. */
  stopStarting(object: string): void {
    this.#objects.get(object)?.stopStarting();
  }

  /** It begins again. Throws a UserError when the kernel refuses it. */
  startAgain(object: string): void {
    this.#objects.get(object)?.startAgain(this.#plan);
  }

  /** Detaches and unloads an object. Returns what was under way and will not be seen to end. */
  remove(name: string): ReturnType<AttachedObject["operations"]> {
    const object = this.#objects.get(name);
    if (object === undefined) return [];
    object.detach();
    for (const figures of object.runStats()) this.#past.set(keyOf(figures), this.#withPast(figures));
    const left = object.operations(this.#shared);
    object.close();
    this.#objects.delete(name);
    return left;
  }

  /** An object's tables of operations by goroutine (ebpf/include/open_span.h), to be closed by the caller. */
  operationTables(object: string): readonly BpfMap[] {
    return this.#objects.get(object)?.operationTables() ?? [];
  }

  /** An object's tables of what operations keep for each of several spans, to be closed by the caller. */
  partTables(object: string): readonly BpfMap[] {
    return this.#objects.get(object)?.partTables() ?? [];
  }

  /** A shared map; undefined when no object that declares it was loaded. It is closed with the session. */
  map(name: string): BpfMap | undefined {
    return this.#shared.get(name);
  }

  /** One more place for a program of an object that is attached. Throws a UserError when the kernel refuses it. */
  attachMore(object: string, program: string, fileOffset: number): void {
    this.#objects.get(object)?.attachMore(program, fileOffset, this.#plan);
  }

  /** Figures of each program that is attached, or was. */
  runStats(): readonly ProgramStatistics[] {
    const now = [...this.#objects.values()].flatMap((object) => object.runStats());
    const names = new Set(now.map(keyOf));
    return [
      ...now.map((figures) => this.#withPast(figures)),
      ...[...this.#past].flatMap(([name, figures]) => (names.has(name) ? [] : [figures])),
    ];
  }

  /** Takes the probes out. Maps and figures stay until `close`. */
  detach(): void {
    for (const object of [...this.#objects.values()].reverse()) object.detach();
  }

  close(): void {
    for (const object of [...this.#objects.values()].reverse()) object.close();
    this.#objects.clear();
    this.#shared.close();
  }

  #withPast(figures: ProgramStatistics): ProgramStatistics {
    const past = this.#past.get(keyOf(figures));
    if (past === undefined) return figures;
    return {
      ...figures,
      runs: figures.runs + past.runs,
      nanoseconds: figures.nanoseconds + past.nanoseconds,
      recursionMisses: figures.recursionMisses + past.recursionMisses,
    };
  }
}

/** Not tried: the verifier of an older one would not only refuse it. */
function refuseOldKernel({ name, oldestKernel }: ObjectPlan, { release }: KernelFeatures): void {
  const [, major = 0, minor = 0] = (/^(\d+)\.(\d+)/.exec(release) ?? []).map(Number);
  if (!oldestKernel) return;
  const [wantedMajor, wantedMinor] = oldestKernel;
  if (major < wantedMajor || (major === wantedMajor && minor < wantedMinor))
    throw olderKernel(name, release, oldestKernel.join("."));
}

function keyOf({ object, program }: ProgramStatistics): string {
  return `${object}/${program}`;
}
