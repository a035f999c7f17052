/** One target's part of the road: from its binary to spans. */

import { openRunning } from "../binary/running.ts";
import type { GoBinary } from "../binary/types.ts";
import type { Config, LiveSettings } from "../config/config.ts";
import { allCounts } from "../drain/counters.ts";
import type { MetricSource } from "../export/metrics-types.ts";
import {
  addon,
  type BpfMap,
  type KernelFeatures,
  type KernelSession,
  type ProgramStatistics,
} from "../kernel/index.ts";
import type { LibraryPlan } from "../plan/types.ts";
import { KernelRefusal } from "../report/kernel.ts";
import { log } from "../report/log.ts";
import { noLoadBias, nothingToInstrument, startMessages } from "../report/start.ts";
import type { UserError } from "../report/user-error.ts";
import { monotonicNs } from "../spans/clock.ts";
import type { SpanRecord } from "../spans/types.ts";
import { executableMappings, loadBias } from "../target/mappings.ts";
import type { Target } from "../target/target.ts";
import { reportLibraries } from "./attach-report.ts";
import { AttachedLibraries } from "./attached-libraries.ts";
import { updateWantedHeaders } from "./captured-headers.ts";
import { forgetEnded } from "./forget-operations.ts";
import { ringSizeBeside } from "./kernel-plan.ts";
import { makesSpans } from "./makes-spans.ts";
import { requireOwnArchitecture } from "./own-architecture.ts";
import { plansFor, targetFacts } from "./plans-for.ts";
import { LiveSampling } from "./sampling.ts";
import type { SessionCounts } from "./session-counts.ts";
import type { Watched } from "./silence.ts";
import { openSpanRoad, type SpanRoad } from "./span-road.ts";
import { SpanSwitches } from "./span-switches.ts";
import { printStartReport } from "./start-report.ts";
import { watchedOf } from "./watched.ts";

export class TracingSession {
  readonly target: Target;
  readonly #binary: GoBinary;
  readonly #config: Config;
  readonly #libraries: AttachedLibraries;
  readonly #kernel: KernelSession;
  readonly #road: SpanRoad;
  readonly #switches: SpanSwitches;
  readonly #sampling = new LiveSampling((name) => this.#kernel.map(name));

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
      const { plans, possible, rules, goroutines } = plansFor(
        this.#binary,
        { exePath: target.exePath, loadBias: bias },
        config,
      );
      // With a config file also what is disabled is possible: it may be enabled later.
      if (!makesSpans(config.file ? possible : plans))
        throw nothingToInstrument(target, plans.flatMap(reasonOf));
      this.#libraries = new AttachedLibraries({
        target,
        possible,
        first: new Set(plans.filter((plan) => plan.status === "attach")),
        facts: targetFacts(this.#binary, bias, ringSizeBeside(others), config, rules),
        rules,
        goroutines,
        config,
        features,
      });
      this.#kernel = this.#libraries.kernel;
      try {
        this.#road = openSpanRoad({
          target,
          binary: this.#binary,
          loadBias: bias,
          libraries: this.#libraries,
          events: this.#requireEvents(),
          config,
          rules,
          goroutines,
          onSpan,
        });
      } catch (error) {
        this.#libraries.close();
        throw error;
      }
      this.#switches = new SpanSwitches(target, bias);
      this.#switches.apply(this.#libraries.attached);
      this.#report(plans, performance.now() - begun, features);
      // From here on only names of panics' types are asked for.
      this.#binary.forget();
    } catch (error) {
      this.#binary.close();
      throw error;
    }
  }

  /** What is measured of it. To be read until `close`. */
  get metrics(): MetricSource {
    return { collect: () => this.#road.metrics.flatMap((source) => source.collect()) };
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
    const { malformed, unsampled, lasting } = this.#road.records;
    return {
      ...counts,
      endWithoutStart: counts.endWithoutStart - expectedEnds,
      cutOff,
      malformed,
      endUnseen: lasting.unseen,
      headersLeftOut: counts.headersLeftOut + this.#road.headers.lost,
      additionsLost: counts.additionsLost + this.#road.additions.lost,
      // Some of those came here to be measured, others wait for their end.
      submitted: counts.submitted - unsampled - lasting.size,
      unsampled: counts.unsampled + unsampled,
    };
  }

  /** Takes what the user has changed. Requests that have begun go on as they began. */
  apply(live: LiveSettings): void {
    this.#libraries.apply(live);
    this.#switches.apply(this.#libraries.attached);
    this.#sampling.write({ ...this.#config, live });
    if (live.goroutines === "off") forgetEnded(this.#kernel.map("ended_spans"));
    updateWantedHeaders(this.#kernel.map("wanted_headers"), live.capturedHeaders);
  }

  /** Detaches, takes what is left in the ring, and gives the last counts. */
  detach(): SessionCounts {
    // Probes of starts go first: what ends after them without a start was not lost either.
    const { endWithoutStart } = this.counts();
    this.#switches.close();
    this.#libraries.detach();
    this.#road.drain.stop();
    this.#road.records.lasting.endAll(monotonicNs(addon().clocks()));
    return { ...this.counts(), endWithoutStart };
  }

  /** After `detach`. */
  close(): void {
    this.#switches.close();
    this.#libraries.close();
    this.#binary.close();
  }

  #hits(name: string): number {
    const id = this.#libraries.possible.findIndex(({ library }) => library.name === name);
    return id < 0 ? 0 : allCounts(this.#libraries.countsOf(id));
  }

  /** The ring. Throws the kernel's refusal when nothing was attached that makes spans. */
  #requireEvents(): BpfMap {
    const failures = this.#kernel.statuses.flatMap((status) => (status.attached ? [] : [status.error]));
    for (const failure of failures) showVerifierLog(failure, this.#config);
    const makers = this.#libraries.possible.filter(({ library }) => library.toSpan);
    const loaded = this.#kernel.statuses.filter(({ attached }) => attached).map(({ name }) => name);
    const events = this.#kernel.map("events");
    if (events && makers.some(({ library }) => loaded.includes(library.name))) return events;
    throw failures[0] ?? new Error("no program was loaded");
  }

  #report(plans: readonly LibraryPlan[], took: number, features: KernelFeatures): void {
    const { target } = this;
    const attachMilliseconds = Math.round(took);
    const go = this.#binary.buildInfo.goVersion.text;
    const { statuses } = this.#kernel;
    log.info(startMessages.attached(target, go, attachMilliseconds));
    if (target.environmentClosed) log.warn(startMessages.environmentClosed(target.environmentClosed));
    reportLibraries(plans, statuses);
    if (!makesSpans(plans)) log.warn(startMessages.allDisabled);
    this.#libraries.reportOutgoing();
    const { service } = this.#road;
    const { pid, exePath: executable } = target;
    const tiers = this.#libraries.tierReports;
    const about = { pid, executable, go, attachMilliseconds, service, plans, statuses, tiers };
    printStartReport(about, this.#config, features);
  }
}

function showVerifierLog(error: UserError, { showVerifierLog, live }: Config): void {
  if (error instanceof KernelRefusal && (showVerifierLog || live.logLevel === "debug"))
    log.error(error.verifierLog);
}

/** None for those that could be attached, but make no spans by themselves. */
function reasonOf(plan: LibraryPlan): readonly string[] {
  return plan.status === "attach" ? [] : [`${plan.library.name}: ${plan.reason}`];
}
