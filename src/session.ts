/** One target's part of the road: from its binary to spans. */
import { millisToHrTime } from "@opentelemetry/core";
import { reportLibraries } from "./attach-report.ts";
import { openRunning } from "./binary/running.ts";
import type { GoBinary } from "./binary/types.ts";
import { updateWantedHeaders } from "./captured-headers.ts";
import type { Config, LiveSettings } from "./config/config.ts";
import { allCounts, type Counts, readCounters, sumCounts } from "./drain/counters.ts";
import { Drain } from "./drain/drain.ts";
import type { MetricSource } from "./export/metrics-types.ts";
import { forgetOperations } from "./forget-operations.ts";
import { libraries } from "./generated/registry.ts";
import {
  addon,
  type KernelFeatures,
  KernelSession,
  type ObjectStatus,
  type ProgramStatistics,
} from "./kernel/index.ts";
import { kernelPlan, planObject, settingsOf, type TargetFacts, withLearned } from "./kernel-plan.ts";
import { LateProbes } from "./late-probes.ts";
import { LearnedReturns } from "./learned-returns.ts";
import { libraryMetrics } from "./library-metrics.ts";
import { type Left, LibrarySwitch } from "./library-switch.ts";
import { loadOffsets } from "./offsets/store.ts";
import { OutgoingContext, sendsContext } from "./outgoing-context.ts";
import { contextRules } from "./plan/contexts.ts";
import { goidGenerator } from "./plan/goid-generator.ts";
import { isDisabled, planLibraries } from "./plan/plan.ts";
import type { Attachment, LibraryPlan } from "./plan/types.ts";
import { probeMetrics } from "./probe-metrics.ts";
import { RecordHandler } from "./record-handler.ts";
import { KernelRefusal } from "./report/kernel.ts";
import { log } from "./report/log.ts";
import { planReasons } from "./report/plan.ts";
import { noLoadBias, nothingToInstrument, otherArchitecture, startMessages } from "./report/start.ts";
import type { UserError } from "./report/user-error.ts";
import { RequestMetrics } from "./request-metrics.ts";
import type { Watched } from "./silence.ts";
import { SpanBuilder } from "./spans/builder.ts";
import { WaitingHeaders } from "./spans/captured-headers.ts";
import { Clock } from "./spans/clock.ts";
import { spanFacts } from "./spans/facts.ts";
import { readHost } from "./spans/host.ts";
import { resourceOf } from "./spans/resource.ts";
import { scopeOf } from "./spans/scope.ts";
import type { SpanRecord } from "./spans/types.ts";
import { printStartReport } from "./start-report.ts";
import { executableMappings, loadBias } from "./target/mappings.ts";
import type { Target } from "./target/target.ts";
import { watchedOf } from "./watched.ts";

/** How many requests began and what became of them, as far as the kernel and this session know. */
export interface SessionCounts extends Counts {
  /** Records that no span could be made of. */
  readonly malformed: number;
  /** Those whose library the user has disabled, and that did not end soon. */
  readonly cutOff: number;
}

export function addSessionCounts(all: readonly SessionCounts[]): SessionCounts {
  const sum = (name: "malformed" | "cutOff") => all.reduce((total, counts) => total + counts[name], 0);
  return { ...sumCounts(all), malformed: sum("malformed"), cutOff: sum("cutOff") };
}

export class TracingSession {
  readonly target: Target;
  readonly #binary: GoBinary;
  readonly #kernel: KernelSession;
  readonly #drain: Drain;
  readonly #config: Config;
  readonly #features: KernelFeatures;
  readonly #facts: Omit<TargetFacts, "tiers" | "outgoingMaps">;
  readonly #switch: LibrarySwitch;
  #outgoing: OutgoingContext;
  /** Requests that ended while probes of ends were there already and those of starts not yet: nothing was lost. */
  readonly #endedMeanwhile: number;
  /** All that can be; a library's id is its place. */
  readonly #attached: readonly Attachment[];
  #service = "";
  readonly #headers = new WaitingHeaders();
  #learned: LearnedReturns | undefined;
  #late: LateProbes | undefined;
  #records: RecordHandler | undefined;
  #metrics: readonly MetricSource[] = [];

  /** Attaches. Throws a UserError, and leaves nothing behind, when nothing can be traced. */
  constructor(target: Target, config: Config, features: KernelFeatures, onSpan: (span: SpanRecord) => void) {
    const begun = performance.now();
    this.target = target;
    this.#config = config;
    this.#features = features;
    this.#binary = openRunning(target);
    try {
      requireOwnArchitecture(this.#binary);
      const bias = loadBias(executableMappings(target), this.#binary.segments);
      if (bias === undefined) throw noLoadBias(target);
      const disabled = config.live.disabledLibraries;
      const possible = planLibraries(this.#binary, libraries, {
        // What a file may enable later is planned now.
        disabled: config.file === undefined ? disabled : [],
        loadBias: bias,
        offsets: () => loadOffsets(config.offsets.file),
      });
      const plans = withoutDisabled(possible, disabled);
      const first = new Set(plans.filter((plan) => plan.status === "attach"));
      this.#attached = possible.filter((plan) => plan.status === "attach");
      // Those that make no spans only help others.
      if (![...first].some(({ library: { toSpan } }) => toSpan))
        throw nothingToInstrument(target, plans.map(reasonOf));
      this.#facts = targetFacts(this.#binary, bias);
      this.#outgoing = new OutgoingContext(
        target,
        [...first].some(sendsContext) ? this.#attached : [],
        config,
      );
      this.#kernel = new KernelSession(
        kernelPlan(target, this.#attached, first, this.#factsNow(), config, features),
        features,
      );
      this.#switch = new LibrarySwitch({
        pid: target.pid,
        attachments: this.#attached,
        first,
        kernel: this.#kernel,
        countsOf: (id) => this.#countsOf(id),
        attach: (attachment) => this.#attach(attachment),
        onDetached: (left) => this.#onDetached(left),
      });
      try {
        this.#outgoing.start((name) => this.#kernel.map(name));
        this.#endedMeanwhile = this.#readCounts().endWithoutStart;
        this.#drain = this.#startDrain(config, bias, onSpan);
      } catch (error) {
        this.#kernel.close();
        this.#outgoing.close();
        throw error;
      }
      this.#report(plans, performance.now() - begun);
      this.#outgoing.report();
      this.#reportForScripts(plans, performance.now() - begun, config, features);
      // From here on only names of panics' types are asked for.
      this.#binary.forget();
    } catch (error) {
      this.#binary.close();
      throw error;
    }
  }

  /** What is measured of it. To be read until `close`. */
  get metrics(): MetricSource {
    return { collect: () => this.#metrics.flatMap((source) => source.collect()) };
  }

  /** The kernel's figures of its programs. */
  programStatistics(): readonly ProgramStatistics[] {
    return this.#kernel.runStats();
  }

  /** Its libraries, and how often each has counted anything. */
  watched(): Watched {
    return watchedOf({
      pid: this.target.pid,
      buildInfo: this.#binary.buildInfo,
      attached: this.#attached.filter(({ library }) => this.#kernel.has(library.name)),
      hits: (name) => this.#hits(name),
    });
  }

  counts(): SessionCounts {
    const counts = this.#readCounts();
    const { cutOff, expectedEnds } = this.#switch;
    const { malformed = 0, unsampled = 0 } = this.#records ?? {};
    return {
      ...counts,
      endWithoutStart: counts.endWithoutStart - this.#endedMeanwhile - expectedEnds,
      cutOff,
      malformed,
      headersLeftOut: counts.headersLeftOut + this.#headers.lost,
      // Some of those came here to be measured.
      submitted: counts.submitted - unsampled,
      unsampled: counts.unsampled + unsampled,
    };
  }

  /** Takes what the user has changed. Requests that have begun go on as they began. */
  apply(live: LiveSettings): void {
    this.#applyLibraries(live);
    this.#kernel.map("settings")?.update(onlyKey, settingsOf(live, this.#config));
    updateWantedHeaders(this.#kernel.map("wanted_headers"), live.capturedHeaders);
  }

  /** Detaches, takes what is left in the ring, and gives the last counts. */
  detach(): SessionCounts {
    // Probes of starts go first: what ends after them without a start was not lost either.
    const { endWithoutStart } = this.counts();
    this.#switch.close();
    this.#outgoing.stop();
    this.#kernel.detach();
    this.#drain.stop();
    return { ...this.counts(), endWithoutStart };
  }

  /** After `detach`. */
  close(): void {
    this.#kernel.close();
    this.#outgoing.close();
    this.#binary.close();
  }

  #hits(name: string): number {
    const counters = this.#kernel.map("counters");
    const id = this.#attached.findIndex(({ library }) => library.name === name);
    return counters && id >= 0 ? allCounts(readCounters(counters, id)) : 0;
  }

  #readCounts(): Counts {
    return sumCounts(this.#attached.map((_, id) => this.#countsOf(id)));
  }

  #countsOf(id: number): Counts {
    const counters = this.#kernel.map("counters");
    return counters ? readCounters(counters, id) : sumCounts([]);
  }

  #factsNow(): TargetFacts {
    return { ...this.#facts, tiers: this.#outgoing.tiers, outgoingMaps: this.#outgoing.maps };
  }

  #applyLibraries({ disabledLibraries: disabled }: LiveSettings): void {
    const before = this.#outgoing;
    this.#switch.apply(({ library }) => !isDisabled(library, { disabled }));
    if (this.#outgoing === before) return;
    this.#outgoing.start((name) => this.#kernel.map(name));
    this.#outgoing.report();
  }

  #attach(attachment: Attachment): ObjectStatus | undefined {
    if (sendsContext(attachment) && !this.#sendsContext()) {
      this.#outgoing = new OutgoingContext(this.target, this.#attached, this.#config);
      this.#kernel.useMaps(this.#outgoing.maps);
    }
    const plan = planObject(this.#attached, attachment, this.#factsNow(), this.#features);
    const status = plan && this.#kernel.add(withLearned(plan, this.#learned?.of(attachment) ?? []));
    this.#late?.attachAnew(attachment);
    return status;
  }

  #onDetached(left: Left): void {
    forgetOperations(left, (name) => this.#kernel.map(name));
    if (this.#attached.some(sendsContext) && !this.#sendsContext()) {
      this.#outgoing.stop();
      this.#outgoing.close();
      this.#outgoing = new OutgoingContext(this.target, [], this.#config);
      this.#kernel.useMaps(this.#outgoing.maps);
    }
  }

  /** Whether a library is there that writes trace context out, or would. */
  #sendsContext(): boolean {
    return this.#attached.some((attachment) => sendsContext(attachment) && this.#switch.isThere(attachment));
  }

  /** Whether anything was attached that does. */
  #makesSpans(): boolean {
    const makers = this.#attached.flatMap(({ library }) => (library.toSpan ? [library.name] : []));
    return this.#kernel.statuses.some(({ name, attached }) => attached && makers.includes(name));
  }

  #startDrain(config: Config, bias: number, onSpan: (span: SpanRecord) => void): Drain {
    const events = this.#kernel.map("events");
    const failures = this.#kernel.statuses.flatMap((status) => (status.attached ? [] : [status.error]));
    for (const failure of failures) showVerifierLog(failure, config);
    if (events === undefined || !this.#makesSpans()) throw failures[0];
    const clock = new Clock(addon().clocks());
    const attached = this.#attached.map(({ library }) => library);
    const facts = spanFacts(this.#binary, attached, bias, config);
    const scoped = attached.map((library) => ({ library, scope: scopeOf(library) }));
    const resource = resourceOf({
      service: config.service,
      target: this.target,
      buildInfo: this.#binary.buildInfo,
      ...readHost(this.target.pid),
    });
    const origin = { resource, startTime: millisToHrTime(Date.now()) };
    const requests = config.requestMetrics ? new RequestMetrics({ libraries: scoped, ...origin }) : undefined;
    this.#metrics = [
      ...(requests ? [requests] : []),
      libraryMetrics({ libraries: scoped, facts, ...origin }),
      probeMetrics(() => this.programStatistics(), origin),
    ];
    this.#service = String(resource.attributes["service.name"]);
    const builder = new SpanBuilder({
      libraries: scoped,
      resource,
      clock,
      facts,
      limits: config.attributeLimits,
      onMeasured: requests?.record.bind(requests),
      headers: this.#headers,
    });
    this.#learned = new LearnedReturns(this.#binary, bias, this.#kernel, this.#attached);
    this.#late = new LateProbes(this.#kernel, this.#attached);
    this.#records = new RecordHandler({
      attached: this.#attached,
      facts,
      builder,
      headers: this.#headers,
      learned: this.#learned,
      late: this.#late,
      onSpan,
    });
    return new Drain(
      new (addon().RingReader)(events),
      () => clock.refresh(addon().clocks()),
      (buffer, start, end) => this.#records?.handle(buffer, start, end),
    );
  }

  #report(plans: readonly LibraryPlan[], milliseconds: number): void {
    log.info(
      startMessages.attached(this.target, this.#binary.buildInfo.goVersion.text, Math.round(milliseconds)),
    );
    const { environmentClosed } = this.target;
    if (environmentClosed) log.warn(startMessages.environmentClosed(environmentClosed));
    reportLibraries(plans, this.#kernel.statuses);
  }

  #reportForScripts(
    plans: readonly LibraryPlan[],
    milliseconds: number,
    config: Config,
    features: KernelFeatures,
  ): void {
    const about = {
      pid: this.target.pid,
      executable: this.target.exePath,
      go: this.#binary.buildInfo.goVersion.text,
      attachMilliseconds: Math.round(milliseconds),
      service: this.#service,
      plans,
      statuses: this.#kernel.statuses,
      tiers: this.#outgoing.tierReports,
    };
    printStartReport(about, config, features);
  }
}

/** Key of a map that has one value. */
const onlyKey = Buffer.alloc(4);

/** The plans as they are with these libraries disabled. */
function withoutDisabled(plans: readonly LibraryPlan[], disabled: readonly string[]): readonly LibraryPlan[] {
  return plans.map((plan) =>
    isDisabled(plan.library, { disabled })
      ? { status: "disabled", library: plan.library, reason: planReasons.disabled }
      : plan,
  );
}

function targetFacts(binary: GoBinary, loadBias: number): Omit<TargetFacts, "tiers" | "outgoingMaps"> {
  const generator = goidGenerator(binary);
  return {
    loadBias,
    contextRules: contextRules(binary),
    goidGenerator: generator === undefined ? undefined : generator + loadBias,
  };
}

function showVerifierLog(error: UserError, { showVerifierLog, live }: Config): void {
  if (error instanceof KernelRefusal && (showVerifierLog || live.logLevel === "debug"))
    log.error(error.verifierLog);
}

function reasonOf(plan: LibraryPlan): string {
  return plan.status === "attach" ? "" : `${plan.library.name}: ${plan.reason}`;
}

const ownArchitecture: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/** Throws a UserError. */
export function requireOwnArchitecture({ arch }: GoBinary): void {
  const own = ownArchitecture[process.arch] ?? process.arch;
  if (arch !== own) throw otherArchitecture(arch, own);
}
