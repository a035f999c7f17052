/** A target's libraries in the kernel, from its attaching to its detaching. Which they are may change on the way. */
import type { Config, LiveSettings } from "../config/config.ts";
import { type Rule, sameRules } from "../config/rules/rule.ts";
import { type Counts, readCounters, sumCounts } from "../drain/counters.ts";
import { type KernelFeatures, KernelSession, type ObjectPlan, type ObjectStatus } from "../kernel/index.ts";
import { rulesPath } from "../libraries/rules/library.ts";
import { describe } from "../plan/rules/plan-rules.ts";
import type { Attachment } from "../plan/types.ts";
import { liveMessages } from "../report/live.ts";
import { log } from "../report/log.ts";
import type { Target } from "../target/target.ts";
import { isEnabled } from "./enabled.ts";
import { forgetEnded, forgetMadeSpans, forgetOperations } from "./forget-operations.ts";
import type { FunctionRules } from "./function-rules.ts";
import { GoneGoroutines } from "./gone-goroutines.ts";
import { type GoroutineSpans, wantsGoroutineSpans } from "./goroutine-spans.ts";
import { kernelPlan, planObject, type TargetFacts, withLearned } from "./kernel-plan.ts";
import type { LateProbes } from "./late-probes.ts";
import type { LearnedReturns } from "./learned-returns.ts";
import { type Left, LibrarySwitch } from "./library-switch.ts";
import { makesSpans } from "./makes-spans.ts";
import { OutgoingContext, sendsContext } from "./outgoing-context.ts";

export interface AttachedLibrariesOptions {
  readonly target: Target;
  /** All that can be attached; a library's id is its place. */
  readonly possible: readonly Attachment[];
  /** Those of them that are attached at once. */
  readonly first: ReadonlySet<Attachment>;
  readonly facts: Omit<TargetFacts, "tiers" | "outgoingMaps">;
  readonly config: Config;
  readonly features: KernelFeatures;
  /** The user's own, whose attachment is among those that are possible. */
  readonly rules: FunctionRules | undefined;
  /** Of goroutines that requests start; the same. */
  readonly goroutines: GoroutineSpans | undefined;
}

/** What a library needs besides its plan when it is attached again. */
interface FoundOnTheWay {
  readonly learned: LearnedReturns;
  readonly late: LateProbes;
}

/** The library with this id is detached: nothing more comes of it. */
type OnGone = (id: number) => void;

export class AttachedLibraries {
  readonly kernel: KernelSession;
  readonly #options: AttachedLibrariesOptions;
  readonly #switch: LibrarySwitch;
  readonly #gone: GoneGoroutines;
  #outgoing: OutgoingContext;
  /** Whether `#outgoing` is there for the libraries: while any of them has to do with trace context that goes out. */
  #isSending: boolean;
  #found: FoundOnTheWay | undefined;
  /** Those that are there, or on their way. */
  #functionRules: readonly Rule[];
  #onGone: OnGone | undefined;
  /** Requests that ended while probes of ends were there already and those of starts not yet: nothing was lost. */
  readonly #endedMeanwhile: number;

  /** Attaches; what failed is told in `kernel.statuses`. */
  constructor(options: AttachedLibrariesOptions) {
    const { target, possible, first, config, features } = options;
    this.#options = options;
    this.#functionRules = config.live.functionRules;
    this.#isSending = [...first].some(sendsContext);
    this.#outgoing = new OutgoingContext(target, this.#isSending ? possible : [], config);
    const plan = kernelPlan(target, possible, first, this.#facts(), config, features);
    const opener = makesSpans([...first]) ? undefined : this.#opener();
    this.kernel = new KernelSession(
      { ...plan, objects: [...plan.objects, ...(opener ? [opener] : [])] },
      features,
    );
    if (opener) this.kernel.remove(opener.name);
    this.#gone = new GoneGoroutines({
      pid: target.pid,
      attachments: possible,
      kernel: this.kernel,
      countsOf: (id) => this.countsOf(id),
    });
    this.#switch = new LibrarySwitch({
      pid: target.pid,
      attachments: possible,
      first,
      kernel: this.kernel,
      countsOf: (id) => this.countsOf(id),
      attach: (attachment) => this.#attach(attachment),
      onDetached: (attachment, left) => this.#onDetached(attachment, left),
    });
    try {
      this.#outgoing.start(this.kernel);
    } catch (error) {
      this.close();
      throw error;
    }
    this.#endedMeanwhile = this.counts().endWithoutStart;
  }

  get possible(): readonly Attachment[] {
    return this.#options.possible;
  }

  /** Those that are attached now, and begin operations. */
  get attached(): readonly Attachment[] {
    return this.possible.filter(
      (attachment) => this.#switch.isOn(attachment) && this.kernel.has(attachment.library.name),
    );
  }

  get tierReports(): OutgoingContext["tierReports"] {
    return this.#outgoing.tierReports;
  }

  reportOutgoing(): void {
    this.#outgoing.report();
  }

  /** From now on this is taken into account. */
  foundOnTheWay(found: FoundOnTheWay): void {
    this.#found = found;
  }

  /** From now on this is called. */
  whenGone(onGone: OnGone): void {
    this.#onGone = onGone;
  }

  /** What their programs have counted. */
  counts(): Counts {
    return sumCounts(this.possible.map((_, id) => this.countsOf(id)));
  }

  countsOf(id: number): Counts {
    const counters = this.kernel.map("counters");
    const counts = counters ? readCounters(counters, id) : sumCounts([]);
    const isOfLogs = this.possible[id]?.library.ofLogs;
    const superseded = counts.superseded + this.#gone.givenUp(id);
    return { ...(isOfLogs ? ofAdditions(counts) : counts), superseded };
  }

  /** Operations that were not traced to their end, because their library was disabled. */
  get cutOff(): number {
    return this.#switch.cutOff;
  }

  /** Ends whose start was not seen, and of which nothing was lost. */
  get expectedEnds(): number {
    return this.#endedMeanwhile + this.#switch.expectedEnds;
  }

  /** Attaches and detaches what the user has enabled and disabled. */
  apply(live: LiveSettings): void {
    const before = this.#outgoing;
    const unwanted = wantsGoroutineSpans(live) ? undefined : this.#options.goroutines?.attachment;
    const isWanted = (attachment: Attachment) =>
      attachment.programs.length > 0 && attachment !== unwanted && isEnabled(attachment.library, live);
    this.#switch.apply(isWanted);
    this.#applyRules(live.functionRules, isWanted);
    this.#stopSending();
    if (this.#outgoing === before) return;
    this.#outgoing.start(this.kernel);
    this.#outgoing.report();
  }

  /** All of them. Counts can be read until `close`. */
  detach(): void {
    this.#switch.close();
    this.#gone.close();
    this.#outgoing.stop();
    this.kernel.detach();
    this.#outgoing.detached();
  }

  close(): void {
    this.#switch.close();
    this.#gone.close();
    this.kernel.close();
    this.#outgoing.close();
  }

  /**
   * All that makes spans is disabled: a library without its probes brings the maps that others will share, and shows
   * what the kernel refuses.
   */
  #opener(): ObjectPlan | undefined {
    const { possible, features } = this.#options;
    const maker = possible.find(({ library }) => library.toSpan);
    const plan = maker && planObject(possible, maker, this.#facts(), features);
    return plan && { ...plan, programs: plan.programs.map((program) => ({ ...program, sites: [] })) };
  }

  #facts(): TargetFacts {
    return { ...this.#options.facts, tiers: this.#outgoing.tiers, outgoingMaps: this.#outgoing.maps };
  }

  /** Other rules take the place of those that are there when these have ended. */
  #applyRules(wanted: readonly Rule[], isWanted: (attachment: Attachment) => boolean): void {
    const { rules } = this.#options;
    if (!rules || sameRules(this.#functionRules, wanted)) return;
    this.#functionRules = wanted;
    this.#switch.renew(rules.attachment, () => {
      const { leftOut } = rules.take(wanted);
      for (const each of leftOut)
        log.warn(liveMessages.without(rulesPath, this.#options.target.pid, describe(each)));
      return isWanted(rules.attachment);
    });
  }

  #attach(attachment: Attachment): ObjectStatus | undefined {
    const { features } = this.#options;
    if (sendsContext(attachment) && !this.#isSending) this.#renewOutgoing(true);
    const rules = attachment === this.#options.rules?.attachment ? this.#options.rules : undefined;
    if (rules) this.#found?.learned.forget(attachment);
    const plan = planObject(this.possible, attachment, this.#facts(), features);
    const status =
      plan && this.kernel.add(withLearned(plan, attachment, this.#found?.learned.of(attachment) ?? []));
    rules?.write((name) => this.kernel.map(name));
    this.#found?.late.attachAnew(attachment);
    return status;
  }

  #onDetached(attachment: Attachment, left: Left): void {
    this.#found?.late.detached(attachment);
    forgetOperations(left, (name) => this.kernel.map(name));
    forgetMadeSpans(this.possible.indexOf(attachment), this.kernel.map("made_spans"));
    forgetEnded(this.kernel.map("ended_spans"));
    this.#onGone?.(this.possible.indexOf(attachment));
    this.#stopSending();
  }

  /** Unless a library needs it. */
  #stopSending(): void {
    const isNeeded = (attachment: Attachment) => sendsContext(attachment) && this.#switch.isThere(attachment);
    if (!this.#isSending || this.possible.some(isNeeded)) return;
    this.#outgoing.stop();
    this.#outgoing.detached();
    this.#outgoing.close();
    this.#renewOutgoing(false);
  }

  #renewOutgoing(isSending: boolean): void {
    const { target, config, possible } = this.#options;
    this.#isSending = isSending;
    this.#outgoing = new OutgoingContext(target, isSending ? possible : [], config);
    this.kernel.useMaps(this.#outgoing.maps);
  }
}

/** Of a library that makes no spans of its own: what may lack its parent has no span. */
function ofAdditions(counts: Counts): Counts {
  return { ...counts, parentUnknown: 0, additionsLost: counts.additionsLost + counts.parentUnknown };
}
