/** From the ring of one target to its spans and metrics. */
import { millisToHrTime } from "@opentelemetry/core";
import type { GoBinary } from "../binary/types.ts";
import type { Config } from "../config/config.ts";
import { Drain } from "../drain/drain.ts";
import type { MetricSource } from "../export/metrics-types.ts";
import { addon, type BpfMap } from "../kernel/index.ts";
import type { RecordBytes } from "../libraries/descriptor.ts";
import type { Attachment } from "../plan/types.ts";
import { additionReader } from "../spans/added.ts";
import { WaitingAdditions } from "../spans/additions.ts";
import { SpanBuilder } from "../spans/builder.ts";
import { WaitingHeaders } from "../spans/captured-headers.ts";
import { Clock, monotonicNs } from "../spans/clock.ts";
import { spanFacts } from "../spans/facts.ts";
import { readHost } from "../spans/host.ts";
import { resourceOf } from "../spans/resource.ts";
import { scopeOf } from "../spans/scope.ts";
import type { SpanRecord } from "../spans/types.ts";
import type { Target } from "../target/target.ts";
import type { AttachedLibraries } from "./attached-libraries.ts";
import type { FunctionRules } from "./function-rules.ts";
import type { GoroutineSpans } from "./goroutine-spans.ts";
import { LateProbes } from "./late-probes.ts";
import { LearnedReturns } from "./learned-returns.ts";
import { libraryMetrics } from "./library-metrics.ts";
import { probeMetrics } from "./probe-metrics.ts";
import { RecordHandler } from "./record-handler.ts";
import { RequestMetrics } from "./request-metrics.ts";

export interface SpanRoadOptions {
  readonly target: Target;
  readonly binary: GoBinary;
  /** Of the target's memory. */
  readonly loadBias: number;
  readonly libraries: AttachedLibraries;
  /** The ring. */
  readonly events: BpfMap;
  readonly config: Config;
  readonly rules: FunctionRules | undefined;
  readonly goroutines: GoroutineSpans | undefined;
  readonly onSpan: (span: SpanRecord) => void;
}

export interface SpanRoad {
  /** Its service.name. */
  readonly service: string;
  readonly drain: Drain;
  readonly records: RecordHandler;
  readonly headers: WaitingHeaders;
  readonly additions: WaitingAdditions;
  readonly metrics: readonly MetricSource[];
}

/** Begins to drain. */
export function openSpanRoad(options: SpanRoadOptions): SpanRoad {
  const { binary, config, libraries, onSpan } = options;
  const { possible } = libraries;
  const attached = possible.map(({ library }) => library);
  const facts = spanFacts(binary, attached, options.loadBias, config);
  const scoped = attached.map((library) => ({ library, scope: scopeOf(library) }));
  const resource = resourceFor(options);
  const origin = { resource, startTime: millisToHrTime(Date.now()) };
  const requests = config.requestMetrics ? new RequestMetrics({ libraries: scoped, ...origin }) : undefined;
  const headers = new WaitingHeaders();
  const clock = new Clock(addon().clocks());
  const additions = new WaitingAdditions(additionReader({ libraries: scoped, clock, facts }));
  const builder = new SpanBuilder({
    libraries: scoped,
    resource,
    clock,
    facts,
    limits: config.attributeLimits,
    onMeasured: requests?.record.bind(requests),
    headers,
    additions,
  });
  const found = foundOnTheWay(options);
  const mapOf = (name: string) => libraries.kernel.map(name);
  const waiting = { headers, additions };
  const onGoroutine = (record: RecordBytes) => options.goroutines?.learn(record, libraries.kernel);
  const records = new RecordHandler({
    attached: possible,
    facts,
    builder,
    ...waiting,
    ...found,
    onGoroutine,
    mapOf,
    onSpan,
  });
  libraries.whenGone((id) => records.lasting.endAll(monotonicNs(addon().clocks()), id));
  return {
    service: String(resource.attributes["service.name"]),
    records,
    ...waiting,
    metrics: [
      ...(requests ? [requests] : []),
      libraryMetrics({ libraries: scoped, facts, ...origin }),
      probeMetrics(() => libraries.kernel.runStats(), origin),
    ],
    drain: new Drain(
      new (addon().RingReader)(options.events),
      () => {
        const clocks = addon().clocks();
        clock.refresh(clocks);
        records.lasting.tick(monotonicNs(clocks));
        additions.tick(monotonicNs(clocks));
      },
      (buffer, start, end) => records.handle(buffer, start, end),
    ),
  };
}

function resourceFor({ target, binary, config }: SpanRoadOptions) {
  const { service } = config;
  return resourceOf({ service, target, buildInfo: binary.buildInfo, ...readHost(target.pid) });
}

/** What the records themselves ask for. */
function foundOnTheWay({ binary, loadBias, libraries, rules }: SpanRoadOptions) {
  const { kernel, possible } = libraries;
  const onHidden = (attachment: Attachment, about: number) =>
    attachment === rules?.attachment && rules.probeItself(about, kernel);
  const learned = new LearnedReturns(binary, loadBias, kernel, possible, onHidden);
  const late = new LateProbes(kernel, possible);
  libraries.foundOnTheWay({ learned, late });
  return { learned, late };
}
