import type { Library } from "../libraries/descriptor.ts";
import type { FieldOffset } from "../offsets/field.ts";
import type { FoundSite } from "./site.ts";

/** One BPF program and all instructions that it goes on. */
export interface PlannedProgram {
  readonly program: string;
  readonly sites: readonly FoundSite[];
}

export interface Attachment {
  readonly status: "attach";
  readonly library: Library;
  /** Values of the object's constants, in its own layout. */
  readonly globals: ReadonlyMap<string, Buffer>;
  /** In the order of attaching. */
  readonly programs: readonly PlannedProgram[];
  readonly fields: ReadonlyMap<string, FieldOffset>;
  /** What the library goes without, and why. */
  readonly without: readonly string[];
}

export interface NoAttachment {
  /** "absent": the binary does not use it; "disabled": the user does not want it; "skipped": it can't be done here. */
  readonly status: "absent" | "disabled" | "skipped";
  readonly library: Library;
  readonly reason: string;
}

export type LibraryPlan = Attachment | NoAttachment;
