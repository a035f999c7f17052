/** Spans of goroutines that requests start: the library that they amount to, and the functions that show themselves. */
import type { GoBinary } from "../binary/types.ts";
import type { Config, LiveSettings } from "../config/config.ts";
import { UnknownGoroutine } from "../generated/shared.ts";
import type { KernelSession } from "../kernel/index.ts";
import type { RecordBytes } from "../libraries/descriptor.ts";
import { goroutinePrograms, goroutinesLibrary } from "../libraries/goroutines/library.ts";
import { loadOffsets } from "../offsets/store.ts";
import { planGoroutine } from "../plan/goroutines.ts";
import { planLibraries } from "../plan/plan.ts";
import type { FoundSite } from "../plan/site-found.ts";
import type { Attachment, LibraryPlan, PlannedProgram } from "../plan/types.ts";
import { goroutineMessages } from "../report/goroutines.ts";
import { log } from "../report/log.ts";
import { UserError } from "../report/user-error.ts";

/** Functions of one program that get probes; a `go` statement has one. */
const maxFunctions = 64;

export function wantsGoroutineSpans({ goroutines }: Pick<LiveSettings, "goroutines">): boolean {
  return goroutines === "spans";
}

export class GoroutineSpans {
  /** What became of them at the start. */
  readonly plan: LibraryPlan;
  readonly #binary: GoBinary;
  readonly #loadBias: number;
  readonly #record = new UnknownGoroutine();
  /** By address in the target's memory. */
  readonly #names = new Map<number, string>();
  readonly #entries: FoundSite[] = [];
  readonly #returns: FoundSite[] = [];

  constructor(binary: GoBinary, loadBias: number, { offsets }: Pick<Config, "offsets">) {
    this.#binary = binary;
    this.#loadBias = loadBias;
    const library = goroutinesLibrary((address) => this.#names.get(address));
    const [plan] = planLibraries(binary, [library], {
      disabled: [],
      loadBias,
      offsets: () => loadOffsets(offsets.file),
    });
    if (plan === undefined) throw new Error("no plan for goroutines");
    this.plan = plan.status === "attach" ? { ...plan, programs: this.#programs() } : plan;
  }

  /** Undefined where there can be none. */
  get attachment(): Attachment | undefined {
    return this.plan.status === "attach" ? this.plan : undefined;
  }

  /** A record of the kind unknown_goroutine: goroutines that begin like this one have spans from now on, if that can be. */
  learn(record: RecordBytes, kernel: KernelSession): void {
    const { function: address } = this.#record.load(record);
    if (this.attachment === undefined || this.#names.has(address)) return;
    if (this.#names.size >= maxFunctions) {
      log.debug(goroutineMessages.tooMany(maxFunctions));
      return;
    }
    const found = planGoroutine(this.#binary, address - this.#loadBias);
    const name = this.#binary.functions.at(address - this.#loadBias)?.name ?? "unknown code";
    const reason = "reason" in found ? found.reason : this.#attach(found.entry, found.returns, kernel);
    if (reason !== undefined || "reason" in found) {
      log.info(goroutineMessages.notTraced(name, reason ?? ""));
      return;
    }
    this.#names.set(address, found.name);
    log.debug(goroutineMessages.learned(found.name));
  }

  /** Ends before starts, so that no start lacks its end. Returns why it can't be. */
  #attach(entry: FoundSite, returns: readonly FoundSite[], kernel: KernelSession): string | undefined {
    const name = this.plan.library.name;
    try {
      for (const { fileOffset } of returns) kernel.attachMore(name, goroutinePrograms.end, fileOffset);
      kernel.attachMore(name, goroutinePrograms.start, entry.fileOffset);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return error.explanation.what;
    }
    this.#returns.push(...returns);
    this.#entries.push(entry);
    return undefined;
  }

  /** They grow. */
  #programs(): readonly PlannedProgram[] {
    const { start, end } = goroutinePrograms;
    return [
      { program: end, sites: this.#returns, learned: true, starts: false, late: false },
      { program: start, sites: this.#entries, learned: true, starts: true, late: false },
    ];
  }
}
