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
  readonly #objects: AttachedObject[] = [];
  readonly #shared: SharedMaps;

  /** Loads and attaches each object alone: one that fails is told in `statuses`, and the others work. */
  constructor(plan: SessionPlan, features: KernelFeatures) {
    this.#shared = new SharedMaps(plan);
    this.statuses = plan.objects.map((object) => this.#add(object, plan, features));
  }

  /** A shared map; undefined when no object that declares it was loaded. It is closed with the session. */
  map(name: string): BpfMap | undefined {
    return this.#shared.get(name);
  }

  /** Figures of each attached program. */
  runStats(): readonly ProgramStatistics[] {
    return this.#objects.flatMap((object) => object.runStats());
  }

  /** Takes the probes out. Maps and figures stay until `close`. */
  detach(): void {
    for (const object of this.#objects.toReversed()) object.detach();
  }

  close(): void {
    for (const object of this.#objects.reverse()) object.close();
    this.#objects.length = 0;
    this.#shared.close();
  }

  #add(plan: ObjectPlan, session: SessionPlan, features: KernelFeatures): ObjectStatus {
    try {
      const object = new AttachedObject(plan, session, this.#shared, features);
      this.#objects.push(object);
      return { name: plan.name, attached: true, sites: object.sites };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { name: plan.name, attached: false, error };
    }
  }
}
