import type { MapLayout } from "../binary/types.ts";
import type { FieldSpec, ItabSpec, Library, ProbeSpec } from "../libraries/descriptor.ts";
import type { FieldOffset } from "../offsets/field.ts";
import type { FoundReturns, ReturnKind } from "./climb.ts";
import type { FoundSite } from "./site.ts";

export type { FoundReturns, ReturnKind, UnseenReturn } from "./climb.ts";

/** One BPF program and all instructions that it goes on. */
export interface PlannedProgram {
  readonly program: string;
  readonly sites: readonly FoundSite[];
  /** More sites may come while the target runs, and there may be none before: callers' return addresses are learned. */
  readonly learned: boolean;
  /** It begins operations, which others of the library end. */
  readonly starts: boolean;
  /** It goes on its sites only when it is asked for. */
  readonly late: boolean;
}

/** What became of one line of a descriptor in this binary. */
interface Finding {
  /** Why it is not there, or left out; undefined when it takes its place. */
  readonly reason: string | undefined;
}

export interface ProbeFinding extends Finding {
  readonly spec: ProbeSpec;
  /** Empty when there is a reason; also when none of a function's callers is known yet. */
  readonly sites: readonly FoundSite[];
  /** Of a probe that goes behind a return. */
  readonly returns?: FoundReturns;
}

export interface FieldFinding extends Finding {
  readonly constant: string;
  readonly spec: FieldSpec;
  readonly found: FieldOffset | undefined;
}

export interface MapFinding extends Finding {
  readonly constant: string;
  readonly type: string;
  readonly layout: MapLayout | undefined;
}

export interface ItabFinding extends Finding {
  readonly constant: string;
  readonly spec: ItabSpec;
  /** The names of the one that was found, else today's. */
  readonly interface: string;
  readonly concrete: string;
  /** In the file, before any load bias. May be there though it is left out. */
  readonly address: number | undefined;
}

export interface TypeFinding extends Finding {
  readonly constant: string;
  /** The name of the one that was found, else today's. */
  readonly name: string;
  /** Of its descriptor, in the file, before any load bias. */
  readonly address: number | undefined;
}

/** Everything that a library's descriptor asks for, in its order, and what this binary says to it. */
export interface Findings {
  readonly probes: readonly ProbeFinding[];
  readonly fields: readonly FieldFinding[];
  readonly maps: readonly MapFinding[];
  readonly itabs: readonly ItabFinding[];
  readonly types: readonly TypeFinding[];
}

export interface Attachment {
  readonly status: "attach";
  readonly library: Library;
  /** Values of the object's constants, in its own layout. */
  readonly globals: ReadonlyMap<string, Buffer>;
  /** In the order of attaching. */
  readonly programs: readonly PlannedProgram[];
  /** What is known of return addresses of traced functions, in the file, before any load bias. */
  readonly returnSites: ReadonlyMap<number, ReturnKind>;
  readonly fields: ReadonlyMap<string, FieldOffset>;
  /** Addresses in the file of variables that point to booleans: Library.switches. */
  readonly switches: readonly number[];
  /** What the library goes without, and why. */
  readonly without: readonly string[];
  readonly findings: Findings;
}

export interface NoAttachment {
  /** "absent": the binary does not use it; "disabled": the user does not want it; "skipped": it can't be done here. */
  readonly status: "absent" | "disabled" | "skipped";
  readonly library: Library;
  readonly reason: string;
  /** Of a library that is skipped. */
  readonly findings?: Findings;
}

export type LibraryPlan = Attachment | NoAttachment;
