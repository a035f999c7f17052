/** Stops a child of this process at the first instruction of the program that it executes: ebpf/launch. */
import { AttachedObject } from "./attached-object.ts";
import type { KernelFeatures } from "./features.ts";
import { readObject } from "./objects.ts";
import { SharedMaps } from "./shared-maps.ts";

export class EntryStop {
  readonly #object: AttachedObject;

  /** `fileOffset` is the place of the first instruction in the file `exe`. Throws a UserError. */
  constructor(place: { pid: number; exe: string; fileOffset: number }, features: KernelFeatures) {
    const plan = {
      name: "the start of the program",
      bytes: readObject(process.arch === "x64" ? "amd64" : "arm64", "launch", false),
      globals: new Map(),
      programs: [{ program: "stop_at_entry", sites: [{ fileOffset: place.fileOffset }] }],
    };
    this.#object = new AttachedObject(plan, place, new SharedMaps({ sharedMaps: [] }), features);
  }

  close(): void {
    this.#object.close();
  }
}
