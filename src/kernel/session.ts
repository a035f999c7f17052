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

  /** Loads and attaches each object alone: one that fails is told in `statuses`, and the others work. */
  constructor(plan: SessionPlan, features: KernelFeatures) {
    this.#plan = plan;
    this.#shared = new SharedMaps(plan);
    this.statuses = plan.objects.map((object) => this.#add(object, plan, features));
  }

  /** A shared map; undefined when no object that declares it was loaded. It is closed with the session. */
  map(name: string): BpfMap | undefined {
    return this.#shared.get(name);
  }

  /** One more place for a program of an object that is attached. Throws a UserError when the kernel refuses it. */
  attachMore(object: string, program: string, fileOffset: number): void {
    this.#objects.get(object)?.attachMore(program, fileOffset, this.#plan);
  }

  /** Figures of each attached program. */
  runStats(): readonly ProgramStatistics[] {
    return [...this.#objects.values()].flatMap((object) => object.runStats());
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

  #add(plan: ObjectPlan, session: SessionPlan, features: KernelFeatures): ObjectStatus {
    try {
      const object = new AttachedObject(plan, session, this.#shared, features);
      this.#objects.set(plan.name, object);
      return { name: plan.name, attached: true, sites: object.sites };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { name: plan.name, attached: false, error };
    }
  }
}
