import { packageOf } from "../binary/package-of.ts";
import type { GoBinary, GoFunction } from "../binary/types.ts";
import type { ReturnSite } from "../libraries/descriptor.ts";
import { findErrorBranch } from "./site-error.ts";
import { type FoundSite, placeSite } from "./site-found.ts";
import type { DecodedFunction } from "./site-function.ts";
import { behind, type FoundReturn, judgeReturn } from "./site-return.ts";

/** "apart": what returns there is no operation. */
export type ReturnKind = FoundReturn["kind"] | "apart";

/** A caller behind whose call no probe can see the results, or not as it should. */
export interface UnseenReturn {
  readonly function: GoFunction;
  readonly returnAddress: number;
  readonly reason: string;
}

/** What is known of a traced function's callers. Addresses are the file's. */
export interface FoundReturns {
  readonly sites: readonly FoundSite[];
  /** Direct calls of the function itself, whose returns may be seen. */
  readonly calls: readonly FoundSite[];
  /** By return address. Empty where the function's own RETs are probed. */
  readonly kinds: ReadonlyMap<number, ReturnKind>;
  readonly unseen: readonly UnseenReturn[];
  /** Of a site for errors alone: callers where it is hit whether there is one or not. */
  readonly always: readonly UnseenReturn[];
  /** How many more callers there are than are taken. */
  readonly omitted: number;
  /** True where other callers, unknown as yet, can be learned while the program runs: `findReturnSite`. */
  readonly learned: boolean;
}

/** The BPF programs have room for 4,096 return addresses, of all functions. */
const maxReturns = 1000;

/** Goes up from one traced function to its callers, and to theirs where they hand its results through. */
export class Climb {
  readonly site: ReturnSite;
  readonly functions: readonly GoFunction[];
  readonly #binary: GoBinary;
  /** Of the function. */
  readonly packagePath: string;
  /** First instructions of the function and of what hands its results through. */
  readonly #entries = new Set<number>();
  #fresh: number[] = [];
  readonly #sites: FoundSite[] = [];
  readonly #calls: FoundSite[] = [];
  readonly #kinds = new Map<number, ReturnKind>();
  readonly #unseen: UnseenReturn[] = [];
  readonly #always: UnseenReturn[] = [];
  readonly #omitted = new Set<number>();

  constructor(binary: GoBinary, site: ReturnSite, functions: readonly GoFunction[]) {
    this.site = site;
    this.functions = functions;
    this.#binary = binary;
    this.packagePath = packageOf(functions[0]?.name ?? "");
    for (const fn of functions) this.#addEntry(fn);
  }

  get entries(): ReadonlySet<number> {
    return this.#entries;
  }

  /** Entries that came since this was last asked. */
  takeFresh(): readonly number[] {
    const fresh = this.#fresh;
    this.#fresh = [];
    return fresh;
  }

  /** Whether calls in this function count. */
  includes({ name }: GoFunction): boolean {
    const { callers } = this.site;
    return callers === "anywhere" || (callers === "package" && packageOf(name) === this.packagePath);
  }

  /** A call of one of the entries, by its index among its function's instructions. */
  onCall(decoded: DecodedFunction, call: number): void {
    const returnAddress = behind(decoded, call);
    if (!this.#isNew(returnAddress)) return;
    if (this.site.apartFrom?.includes(decoded.fn.name)) {
      this.#kinds.set(returnAddress, "apart");
      return;
    }
    this.#takeFound(decoded, call, this.#judge(decoded, call));
    this.#takeCall(decoded, call);
  }

  /** A call through an interface or a function value, which may be one of the function or not. */
  onIndirectCall(decoded: DecodedFunction, call: number): void {
    const found = this.#judge(decoded, call);
    if (found.kind === "through" && this.site.callers === "none") return;
    if (found.kind !== "none" && this.#isNew(behind(decoded, call))) this.#takeFound(decoded, call, found);
  }

  /** A jump to one of the entries out of another function: who calls that function gets the results. */
  onTailJump(fn: GoFunction): void {
    this.#addEntry(fn);
  }

  /** A call in a function that can't be looked at. */
  onUnknown(fn: GoFunction, returnAddress: number, reason: string): void {
    if (this.#isNew(returnAddress)) this.#take(fn, returnAddress, { kind: "none", reason });
  }

  result(): FoundReturns {
    return {
      sites: this.#sites,
      calls: this.#calls,
      kinds: this.#kinds,
      unseen: this.#unseen,
      always: this.#always,
      omitted: this.#omitted.size,
      learned: this.site.callers !== "none",
    };
  }

  #judge(decoded: DecodedFunction, call: number): FoundReturn {
    return judgeReturn(this.#binary, decoded, call, this.site);
  }

  #isNew(returnAddress: number): boolean {
    if (this.#kinds.has(returnAddress)) return false;
    if (this.#kinds.size < maxReturns) return true;
    this.#omitted.add(returnAddress);
    return false;
  }

  #takeFound(decoded: DecodedFunction, call: number, found: FoundReturn): void {
    if (found.kind === "through") this.#addEntry(decoded.fn);
    const taken =
      found.kind === "site" && this.site.when === "error" ? this.#onError(decoded, call, found) : found;
    this.#take(decoded.fn, behind(decoded, call), taken);
  }

  /** Unless it is one of what hands the results through: that begins nothing. */
  #takeCall({ fn, instructions }: DecodedFunction, call: number): void {
    const instruction = instructions[call];
    if (!instruction || !this.functions.some(({ address }) => address === instruction.target)) return;
    const site = placeSite(this.#binary, fn, instruction);
    if (!("reason" in site)) this.#calls.push(site);
  }

  /** The place that only errors lead to, else the one that was found. */
  #onError(decoded: DecodedFunction, call: number, found: FoundReturn): FoundReturn {
    const { results, firstResult } = this.site;
    const branch = findErrorBranch(this.#binary, decoded, call, results, firstResult);
    if (!("reason" in branch)) return { kind: "site", site: branch };
    const { reason } = branch;
    this.#always.push({ function: decoded.fn, returnAddress: behind(decoded, call), reason });
    return found;
  }

  #take(fn: GoFunction, returnAddress: number, found: FoundReturn): void {
    this.#kinds.set(returnAddress, found.kind);
    if (found.kind === "site") this.#sites.push(found.site);
    if (found.kind === "none") this.#unseen.push({ function: fn, returnAddress, reason: found.reason });
  }

  #addEntry({ address }: GoFunction): void {
    if (this.#entries.has(address)) return;
    this.#entries.add(address);
    this.#fresh.push(address);
  }
}
