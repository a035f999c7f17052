/** The user's rules in one target: the library that they amount to, and its tables in the kernel. */
import type { GoBinary } from "../binary/types.ts";
import type { Config } from "../config/config.ts";
import { isFor, type Rule } from "../config/rules/rule.ts";
import { encodeReturnSite, ReturnKind } from "../generated/shared.ts";
import { type BpfMap, type KernelSession, u32, u64 } from "../kernel/index.ts";
import type { MapEntry } from "../kernel/types.ts";
import type { Library } from "../libraries/descriptor.ts";
import { rulePrograms, rulesLibrary } from "../libraries/rules/library.ts";
import type { RuledFunction } from "../libraries/rules/ruled-function.ts";
import type { OffsetsTables } from "../offsets/field.ts";
import { loadOffsets } from "../offsets/store.ts";
import { findReturns } from "../plan/returns.ts";
import {
  describe,
  maxRuledFunctions,
  type PlacedFunction,
  planRules,
  type RulesPlan,
} from "../plan/rules/plan-rules.ts";
import type { Attachment, LibraryPlan } from "../plan/types.ts";
import { ruleReasons } from "../report/rules.ts";
import { UserError } from "../report/user-error.ts";

/** Maps of ebpf/libraries/rules, which the agent writes. */
export const ruleMaps = ["ruled_functions", "ruled_entries", "rule_return_sites"] as const;

/** Where a program runs. */
export interface ProgramPlace {
  /** Path of its executable, as its process sees it. */
  readonly exePath: string;
  readonly loadBias: number;
}

export class FunctionRules {
  readonly #binary: GoBinary;
  readonly #place: ProgramPlace;
  readonly #offsets: OffsetsTables;
  readonly #library: Library = rulesLibrary((number) => this.#byNumber.get(number));
  /** Those of the rules before are known as well: their records may still be on their way. */
  #byNumber: ReadonlyMap<number, RuledFunction> = new Map();
  #functions: readonly PlacedFunction[] = [];
  /** Number of the first of them. */
  #first = maxRuledFunctions;
  #plan: LibraryPlan | undefined;
  /** What its contents are changes with the rules; without programs there is nothing to do. */
  readonly attachment: Attachment;

  constructor(binary: GoBinary, place: ProgramPlace, { live, offsets }: Config) {
    this.#binary = binary;
    this.#place = place;
    this.#offsets = () => loadOffsets(offsets.file);
    this.attachment = dormant(this.#library);
    this.take(live.functionRules);
  }

  /** At the start: what became of the rules; undefined without any. */
  get plan(): LibraryPlan | undefined {
    return this.#plan;
  }

  /** Plans those of them that are for this program in place of those before. Tables are another matter: `write`. */
  take(all: readonly Rule[]): RulesPlan {
    const rules = all.filter((rule) => isFor(rule, this.#place.exePath));
    const options = { loadBias: this.#place.loadBias, offsets: this.#offsets };
    const found = planRules(this.#binary, rules, this.#library, options);
    const before = this.#numbered();
    this.#functions = found.functions;
    this.#first = this.#first === 0 ? maxRuledFunctions : 0;
    this.#byNumber = new Map([...before, ...this.#numbered()]);
    Object.assign(this.attachment, found.attachment ?? dormant(this.#library));
    this.#plan = this.#planOf(all, rules, found);
    return found;
  }

  #planOf(all: readonly Rule[], own: readonly Rule[], found: RulesPlan): LibraryPlan | undefined {
    const library = this.#library;
    if (all.length === 0) return undefined;
    if (own.length === 0) return { status: "disabled", library, reason: ruleReasons.ofOthers(all) };
    if (found.attachment) return this.attachment;
    return { status: "skipped", library, reason: found.leftOut.map(describe).join("; ") };
  }

  /** Keys and values of its maps, for when they are made. */
  entries(): ReadonlyMap<string, readonly MapEntry[]> {
    const numbered = this.#functions.map((fn, index) => ({ ...fn, number: u32(this.#first + index) }));
    return new Map([
      [
        "rule_return_sites",
        [...this.attachment.returnSites].map(([address, kind]) => ({
          key: u64(address + this.#place.loadBias),
          value: encodeReturnSite({ kind: ReturnKind[kind] }),
        })),
      ],
      ["ruled_functions", numbered.map(({ number, encoded }) => ({ key: number, value: encoded }))],
      // Last, as a call begins with them.
      [
        "ruled_entries",
        numbered.map(({ number, address }) => ({ key: u64(address + this.#place.loadBias), value: number })),
      ],
    ]);
  }

  /**
   * Puts its tables in place of those of the rules before, when the maps are there. Callers show themselves anew: where
   * one returned to may have no probe now, and what was probed where it returns isn't any more.
   */
  write(mapOf: (name: string) => BpfMap | undefined): void {
    for (const name of ["ruled_entries", "rule_return_sites"]) {
      const map = mapOf(name);
      for (const key of map?.keys(map.info.maxEntries) ?? []) map?.delete(key);
    }
    for (const [name, contents] of this.entries())
      for (const { key, value } of contents) mapOf(name)?.update(key, value);
  }

  /**
   * A function whose caller shows no results is probed where it returns, from its next call on. False: it can't be.
   * `about` is the function's number.
   */
  probeItself(about: number, kernel: KernelSession): boolean {
    const fn = this.#functions[about - this.#first];
    const functions = kernel.map("ruled_functions");
    if (fn === undefined || functions === undefined) return false;
    const [found] = findReturns(this.#binary, [
      { at: "return", functions: [fn.function.name], results: 0, callers: "itself" },
    ]);
    if (found === undefined || "reason" in found) return false;
    try {
      for (const { fileOffset, function: of } of found.sites)
        if (of.address === fn.function.address)
          kernel.attachMore(this.#library.name, rulePrograms.end, fileOffset);
    } catch (error) {
      if (error instanceof UserError) return false;
      throw error;
    }
    functions.update(u32(about), fn.encodedItself);
    return true;
  }

  #numbered(): readonly (readonly [number, RuledFunction])[] {
    return this.#functions.map(({ span }, index) => [this.#first + index, span]);
  }
}

/** A library that has no function to trace. */
function dormant(library: Library): Attachment {
  return {
    status: "attach",
    library,
    globals: new Map(),
    programs: [],
    returnSites: new Map(),
    fields: new Map(),
    without: [],
    switches: [],
    findings: { probes: [], fields: [], maps: [], itabs: [], types: [] },
  };
}
