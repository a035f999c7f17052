/** One target's part of the road: from its binary to spans. */
import { millisToHrTime } from "@opentelemetry/core";
import { reportLibraries } from "./attach-report.ts";
import { AttachedLibraries } from "./attached-libraries.ts";
import { openRunning } from "./binary/running.ts";
import type { GoBinary } from "./binary/types.ts";
import { updateWantedHeaders } from "./captured-headers.ts";
import type { Config, LiveSettings } from "./config/config.ts";
import { allCounts, type Counts, sumCounts } from "./drain/counters.ts";
import { Drain } from "./drain/drain.ts";
import type { MetricSource } from "./export/metrics-types.ts";
import { addon, type KernelFeatures, type KernelSession, type ProgramStatistics } from "./kernel/index.ts";
import { ringSizeBeside } from "./kernel-plan.ts";
import { LateProbes } from "./late-probes.ts";
import { LearnedReturns } from "./learned-returns.ts";
import { libraryMetrics } from "./library-metrics.ts";
import type { LibraryPlan } from "./plan/types.ts";
import { plansFor, targetFacts } from "./plans-for.ts";
import { probeMetrics } from "./probe-metrics.ts";
import { RecordHandler } from "./record-handler.ts";
import { KernelRefusal } from "./report/kernel.ts";
import { log } from "./report/log.ts";
import { noLoadBias, nothingToInstrument, otherArchitecture, startMessages } from "./report/start.ts";
import type { UserError } from "./report/user-error.ts";
import { RequestMetrics } from "./request-metrics.ts";
import { LiveSampling } from "./sampling.ts";
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

/** How many requests began and what became of them, as far as the kernel and the agent know. */
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
  readonly #config: Config;
  readonly #libraries: AttachedLibraries;
  readonly #kernel: KernelSession;
  readonly #drain: Drain;
  readonly #sampling = new LiveSampling((name) => this.#kernel.map(name));
  #service = "";
  readonly #headers = new WaitingHeaders();
  #records: RecordHandler | undefined;
  #metrics: readonly MetricSource[] = [];

  /** Attaches. Throws a UserError, and leaves nothing behind, when nothing can be traced. */
  constructor(
    target: Target,
    config: Config,
    features: KernelFeatures,
    onSpan: (span: SpanRecord) => void,
    /** How many targets are traced already. */
    others: number,
  ) {
    const begun = performance.now();
    this.target = target;
    this.#config = config;
    this.#binary = openRunning(target);
    try {
      requireOwnArchitecture(this.#binary);
      const bias = loadBias(executableMappings(target), this.#binary.segments);
      if (bias === undefined) throw noLoadBias(target);
      const { plans, possible } = plansFor(this.#binary, bias, config);
      if (!plans.some(({ status, library: { toSpan } }) => status === "attach" && toSpan))
        throw nothingToInstrument(target, plans.map(reasonOf));
      this.#libraries = new AttachedLibraries({
        target,
        possible,
        first: new Set(plans.filter((plan) => plan.status === "attach")),
        facts: targetFacts(this.#binary, bias, ringSizeBeside(others), config),
        config,
        features,
      });
      this.#kernel = this.#libraries.kernel;
      try {
        this.#drain = this.#startDrain(config, bias, onSpan);
      } catch (error) {
        this.#libraries.close();
        throw error;
      }
      this.#report(plans, performance.now() - begun);
      this.#libraries.reportOutgoing();
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
      attached: this.#libraries.possible.filter(({ library }) => this.#kernel.has(library.name)),
      hits: (name) => this.#hits(name),
    });
  }

  counts(): SessionCounts {
    const counts = this.#libraries.counts();
    const { cutOff, expectedEnds } = this.#libraries;
    const { malformed = 0, unsampled = 0 } = this.#records ?? {};
    return {
      ...counts,
      endWithoutStart: counts.endWithoutStart - expectedEnds,
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
    this.#libraries.apply(live);
    this.#sampling.write({ ...this.#config, live });
    updateWantedHeaders(this.#kernel.map("wanted_headers"), live.capturedHeaders);
  }

  /** Detaches, takes what is left in the ring, and gives the last counts. */
  detach(): SessionCounts {
    // Probes of starts go first: what ends after them without a start was not lost either.
    const { endWithoutStart } = this.counts();
    this.#libraries.detach();
    this.#drain.stop();
    return { ...this.counts(), endWithoutStart };
  }

  /** After `detach`. */
  close(): void {
    this.#libraries.close();
    this.#binary.close();
  }

  #hits(name: string): number {
    const id = this.#libraries.possible.findIndex(({ library }) => library.name === name);
    return id < 0 ? 0 : allCounts(this.#libraries.countsOf(id));
  }

  /** Whether anything was attached that does. */
  #makesSpans(): boolean {
    const makers = this.#libraries.possible.flatMap(({ library }) => (library.toSpan ? [library.name] : []));
    return this.#kernel.statuses.some(({ name, attached }) => attached && makers.includes(name));
  }

  #startDrain(config: Config, bias: number, onSpan: (span: SpanRecord) => void): Drain {
    const events = this.#kernel.map("events");
    const failures = this.#kernel.statuses.flatMap((status) => (status.attached ? [] : [status.error]));
    for (const failure of failures) showVerifierLog(failure, config);
    if (events === undefined || !this.#makesSpans()) throw failures[0];
    const clock = new Clock(addon().clocks());
    const { possible } = this.#libraries;
    const attached = possible.map(({ library }) => library);
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
    const learned = new LearnedReturns(this.#binary, bias, this.#kernel, possible);
    const late = new LateProbes(this.#kernel, possible);
    this.#libraries.foundOnTheWay({ learned, late });
    this.#records = new RecordHandler({
      attached: possible,
      facts,
      builder,
      headers: this.#headers,
      learned,
      late,
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
      tiers: this.#libraries.tierReports,
    };
    printStartReport(about, config, features);
  }
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
