import { mapsDiffer } from "../report/kernel.ts";
import type { BpfMap, BpfObject, MapDefinition } from "./addon.ts";
import type { SessionPlan } from "./types.ts";

/**
 * Maps that belong to all objects of a session. Objects are compiled apart and each declares them; the first one
 * that loads creates them, the later ones get them in place of their own.
 */
export class SharedMaps {
  readonly #names: Set<string>;
  readonly #maps = new Map<string, BpfMap>();

  readonly #entries: NonNullable<SessionPlan["mapEntries"]>;

  #existing: NonNullable<SessionPlan["existingMaps"]>;

  constructor(plan: Pick<SessionPlan, "sharedMaps" | "mapEntries" | "existingMaps">) {
    const { sharedMaps, mapEntries = new Map(), existingMaps = new Map() } = plan;
    this.#names = new Set([...sharedMaps, ...existingMaps.keys()]);
    this.#entries = mapEntries;
    this.#existing = existingMaps;
  }

  get(name: string): BpfMap | undefined {
    return this.#existing.get(name) ?? this.#maps.get(name);
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** From now on objects take these in place of their own: SessionPlan.existingMaps. */
  use(existing: NonNullable<SessionPlan["existingMaps"]>): void {
    this.#existing = existing;
    for (const name of existing.keys()) this.#names.add(name);
  }

  /** Before the object is loaded. */
  give(object: BpfObject, objectName: string): void {
    for (const declared of this.#declared(object)) {
      const map = this.get(declared.name);
      if (map === undefined) continue;
      if (!sameLayout(declared, map.info)) throw mapsDiffer(objectName, declared.name);
      object.shareMap(declared.name, map);
    }
  }

  /** After the object was loaded. */
  take(object: BpfObject): void {
    for (const { name } of this.#declared(object)) {
      if (this.get(name)) continue;
      const map = object.map(name);
      this.#maps.set(name, map);
      for (const { key, value } of this.#entries.get(name) ?? []) map.update(key, value);
    }
  }

  close(): void {
    for (const map of this.#maps.values()) map.close();
    this.#maps.clear();
  }

  #declared(object: BpfObject): readonly MapDefinition[] {
    return object.maps().filter(({ name }) => this.#names.has(name));
  }
}

function sameLayout(a: MapDefinition, b: MapDefinition): boolean {
  return a.type === b.type && a.keySize === b.keySize && a.valueSize === b.valueSize;
}
