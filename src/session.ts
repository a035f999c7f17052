/** One target's part of the road: from its binary to spans. */
import { millisToHrTime } from "@opentelemetry/core";
import { reportLibraries } from "./attach-report.ts";
import { openRunning } from "./binary/running.ts";
import type { GoBinary } from "./binary/types.ts";
import type { Config } from "./config/config.ts";
import { allCounts, type Counts, readCounters, sumCounts } from "./drain/counters.ts";
import { Drain } from "./drain/drain.ts";
import type { MetricSource } from "./export/metrics-types.ts";
import { libraries } from "./generated/registry.ts";
import { addon, type KernelFeatures, KernelSession, type ProgramStatistics } from "./kernel/index.ts";
import { kernelPlan, type TargetFacts } from "./kernel-plan.ts";
import { LateProbes } from "./late-probes.ts";
import { LearnedReturns } from "./learned-returns.ts";
import { libraryMetrics } from "./library-metrics.ts";
import { loadOffsets } from "./offsets/store.ts";
import { OutgoingContext } from "./outgoing-context.ts";
import { contextRules } from "./plan/contexts.ts";
import { goidGenerator } from "./plan/goid-generator.ts";
import { planLibraries } from "./plan/plan.ts";
import type { Attachment, LibraryPlan } from "./plan/types.ts";
import { probeMetrics } from "./probe-metrics.ts";
import { RecordHandler } from "./record-handler.ts";
import { KernelRefusal } from "./report/kernel.ts";
import { log } from "./report/log.ts";
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
}

export function addSessionCounts(all: readonly SessionCounts[]): SessionCounts {
  return { ...sumCounts(all), malformed: all.reduce((total, { malformed }) => total + malformed, 0) };
}

export class TracingSession {
  readonly target: Target;
  readonly #binary: GoBinary;
  readonly #kernel: KernelSession;
  readonly #drain: Drain;
  readonly #outgoing: OutgoingContext;
  /** Requests that ended while probes of ends were there already and those of starts not yet: nothing was lost. */
  readonly #endedMeanwhile: number;
  readonly #attached: readonly Attachment[];
  #service = "";
  readonly #headers = new WaitingHeaders();
  #records: RecordHandler | undefined;
  #metrics: readonly MetricSource[] = [];

  /** Attaches. Throws a UserError, and leaves nothing behind, when nothing can be traced. */
  constructor(target: Target, config: Config, features: KernelFeatures, onSpan: (span: SpanRecord) => void) {
    const begun = performance.now();
    this.target = target;
    this.#binary = openRunning(target);
    try {
      requireOwnArchitecture(this.#binary);
      const bias = loadBias(executableMappings(target), this.#binary.segments);
      if (bias === undefined) throw noLoadBias(target);
      const plans = planLibraries(this.#binary, libraries, {
        disabled: config.live.disabledLibraries,
        loadBias: bias,
        offsets: () => loadOffsets(config.offsets.file),
      });
      this.#attached = plans.filter((plan) => plan.status === "attach");
      // Those that make no spans only help others.
      if (!this.#attached.some(({ library: { toSpan } }) => toSpan))
        throw nothingToInstrument(target, plans.map(reasonOf));
      this.#outgoing = new OutgoingContext(target, this.#attached, config);
      const facts = targetFacts(this.#binary, bias, this.#outgoing);
      this.#kernel = new KernelSession(kernelPlan(target, this.#attached, facts, config, features), features);
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
    const loaded = new Set(this.#kernel.statuses.flatMap(({ name, attached }) => (attached ? [name] : [])));
    return watchedOf({
      pid: this.target.pid,
      buildInfo: this.#binary.buildInfo,
      attached: this.#attached.filter(({ library }) => loaded.has(library.name)),
      hits: (name) => this.#hits(name),
    });
  }

  counts(): SessionCounts {
    const counts = this.#readCounts();
    const endWithoutStart = counts.endWithoutStart - this.#endedMeanwhile;
    const { malformed = 0, unsampled = 0 } = this.#records ?? {};
    return {
      ...counts,
      endWithoutStart,
      malformed,
      headersLeftOut: counts.headersLeftOut + this.#headers.lost,
      // Some of those came here to be measured.
      submitted: counts.submitted - unsampled,
      unsampled: counts.unsampled + unsampled,
    };
  }

  /** Detaches, takes what is left in the ring, and gives the last counts. */
  detach(): SessionCounts {
    // Probes of starts go first: what ends after them without a start was not lost either.
    const { endWithoutStart } = this.counts();
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
    const counters = this.#kernel.map("counters");
    return sumCounts(counters ? this.#attached.map((_, id) => readCounters(counters, id)) : []);
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
    this.#records = new RecordHandler({
      attached: this.#attached,
      facts,
      builder,
      headers: this.#headers,
      learned: new LearnedReturns(this.#binary, bias, this.#kernel, this.#attached),
      late: new LateProbes(this.#kernel, this.#attached),
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

function targetFacts(binary: GoBinary, loadBias: number, { tiers, maps }: OutgoingContext): TargetFacts {
  const generator = goidGenerator(binary);
  return {
    loadBias,
    contextRules: contextRules(binary),
    goidGenerator: generator === undefined ? undefined : generator + loadBias,
    tiers,
    outgoingMaps: maps,
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
