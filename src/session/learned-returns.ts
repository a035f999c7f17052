/** Callers that reach a traced function through an interface or a function value show themselves when they call. */
import type { GoBinary } from "../binary/types.ts";
import { encodeReturnSite, ReturnKind, UnknownReturn } from "../generated/shared.ts";
import type { KernelSession } from "../kernel/index.ts";
import type { Library, RecordBytes } from "../libraries/descriptor.ts";
import type { FoundSite } from "../plan/site-found.ts";
import { type FoundReturn, findReturnSite, type WantedResults } from "../plan/site-return.ts";
import type { Attachment } from "../plan/types.ts";
import { log } from "../report/log.ts";
import { startMessages } from "../report/start.ts";
import { UserError } from "../report/user-error.ts";

/** Programs have a few dozen; what is above is not traced, and counted where it calls. */
const maxLearned = 1000;

export class LearnedReturns {
  readonly #binary: GoBinary;
  readonly #loadBias: number;
  readonly #kernel: KernelSession;
  readonly #attached: readonly Attachment[];
  readonly #onHidden: (attachment: Attachment, about: number) => boolean;
  readonly #record = new UnknownReturn();
  /** Of each library: what another has a probe on may need one of this, too. */
  readonly #sites = new Set<string>();
  /** What was learned of each library, for when it is attached anew. */
  readonly #found = new Map<Attachment, FoundSite[]>();
  /** How many callers each library has asked for. */
  readonly #asked = new Map<Attachment, number>();

  /** `onHidden`: a caller shows no results of the library's function `about`; true when that does not matter. */
  constructor(
    binary: GoBinary,
    loadBias: number,
    kernel: KernelSession,
    attached: readonly Attachment[],
    onHidden: (attachment: Attachment, about: number) => boolean,
  ) {
    this.#onHidden = onHidden;
    this.#binary = binary;
    this.#loadBias = loadBias;
    this.#kernel = kernel;
    this.#attached = attached;
    for (const attachment of attached) this.#plan(attachment);
  }

  /** Where callers of a library were found so far, beside those of its plan. */
  of(attachment: Attachment): readonly FoundSite[] {
    return this.#found.get(attachment) ?? [];
  }

  /** Another plan takes the place of a library's, and its callers show themselves anew. */
  forget(attachment: Attachment): void {
    const { name } = attachment.library;
    for (const key of this.#sites) if (key.startsWith(`${name} `)) this.#sites.delete(key);
    this.#found.delete(attachment);
    this.#asked.delete(attachment);
    this.#plan(attachment);
  }

  /** A record of the kind unknown_return: from the next call on, this caller's calls are traced, if that can be. */
  learn(record: RecordBytes): void {
    const { recordLibrary, address, results, first, about } = this.#record.load(record);
    const attachment = this.#attached[recordLibrary];
    const map = this.#kernel.map(attachment?.library.returnSites ?? "return_sites");
    if (attachment === undefined || map === undefined || !this.#hasRoom(attachment)) return;
    const found = this.#attach(
      attachment,
      findReturnSite(this.#binary, address - this.#loadBias, {
        ...waysOf(attachment),
        results,
        firstResult: first,
      }),
    );
    const key = Buffer.alloc(8);
    key.writeBigUInt64LE(BigInt(address));
    map.update(key, encodeReturnSite({ kind: ReturnKind[found.kind] }));
    const caller = this.#binary.functions.at(address - this.#loadBias - 1)?.name ?? "unknown code";
    const { name } = attachment.library;
    if (found.kind === "none" && this.#onHidden(attachment, about))
      log.debug(startMessages.probedItself(name, caller));
    else if (found.kind === "none") log.warn(startMessages.callerNotTraced(name, caller, found.reason));
    else log.debug(startMessages.callerLearned(name, caller));
  }

  #hasRoom(attachment: Attachment): boolean {
    this.#asked.set(attachment, (this.#asked.get(attachment) ?? 0) + 1);
    return [...this.#asked.values()].reduce((sum, count) => sum + count, 0) <= maxLearned;
  }

  /** Where a library has probes by its plan, nothing is to be learned. */
  #plan({ library, programs }: Attachment): void {
    for (const { address } of programs.flatMap(({ sites }) => sites))
      this.#sites.add(keyOf(library, address));
  }

  #attach(attachment: Attachment, found: FoundReturn): FoundReturn {
    const { library, programs } = attachment;
    const program = programs.find(({ learned }) => learned)?.program;
    if (found.kind !== "site" || program === undefined) return found;
    const key = keyOf(library, found.site.address);
    if (this.#sites.has(key)) return found;
    try {
      this.#kernel.attachMore(library.name, program, found.site.fileOffset);
      this.#sites.add(key);
      this.#found.set(attachment, [...this.of(attachment), found.site]);
      return found;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { kind: "none", reason: error.explanation.what };
    }
  }
}

function keyOf({ name }: Library, address: number): string {
  return `${name} ${address}`;
}

/** What may be done to see results, of the strictest of its library's places. */
function waysOf({ library }: Attachment): Pick<WantedResults, "onStack" | "orStepped"> {
  const returns = library.probes.flatMap(({ site }) => (site.at === "return" ? [site] : []));
  return {
    onStack: Math.max(0, ...returns.map(({ onStack = 0 }) => onStack)),
    orStepped: returns.some(({ orStepped }) => orStepped),
  };
}
