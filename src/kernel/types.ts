import type { UserError } from "../report/user-error.ts";
import type { BpfMap } from "./addon.ts";

export interface ProgramPlan {
  /** Name of the BPF program. */
  readonly program: string;
  /** Where in the executable's file it goes; a program without sites isn't loaded. */
  readonly sites: readonly { readonly fileOffset: number }[];
  /** More of its sites may be found while it runs: it is loaded also without any. */
  readonly learned?: boolean;
  /** It begins operations, which others of the object end: `KernelSession.stopStarting`. */
  readonly starts?: boolean;
}

export interface ObjectPlan {
  /** For messages and as the kernel's name of the object, e.g. "net/http". */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Major and minor number of the oldest kernel that it may be loaded on. */
  readonly oldestKernel?: readonly [number, number];
  /** Initial values of global variables and constants. */
  readonly globals: ReadonlyMap<string, Uint8Array>;
  /** Sizes of maps that are not as the source declares them, of those that the object has. */
  readonly maxEntries?: ReadonlyMap<string, number>;
  /** In the order of attaching: what ends a span stands before what starts it. */
  readonly programs: readonly ProgramPlan[];
}

export interface MapEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export interface SessionPlan {
  readonly pid: number;
  /** Path of the executable that the offsets are for; /proc/PID/exe is right even when the file was replaced. */
  readonly exe: string;
  readonly objects: readonly ObjectPlan[];
  /** Maps that all objects which declare them share, in the source's names. */
  readonly sharedMaps: readonly string[];
  /** Shared maps that are there already, closed by their owner after the session. */
  readonly existingMaps?: ReadonlyMap<string, BpfMap>;
  /** What shared maps hold before anything is attached. */
  readonly mapEntries?: ReadonlyMap<string, readonly MapEntry[]>;
}

export type ObjectStatus =
  | { readonly name: string; readonly attached: true; readonly sites: number }
  | { readonly name: string; readonly attached: false; readonly error: UserError };
