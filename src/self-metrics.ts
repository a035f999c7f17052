/** What the agent says of itself: docs/metrics.md has the list. */
import { type Attributes, type HrTime, SpanStatusCode } from "@opentelemetry/api";
import { millisToHrTime } from "@opentelemetry/core";
import type { Config } from "./config/config.ts";
import type { Account } from "./export/account.ts";
import type { ExportCounts } from "./export/batcher.ts";
import type { Metrics } from "./export/metrics.ts";
import type { MetricPoint, MetricSource, NumberPoint } from "./export/metrics-types.ts";
import { OverheadMeter } from "./overhead.ts";
import { type Outcome, outcomes } from "./report/account.ts";
import type { Sessions } from "./sessions.ts";
import { agentResource, agentScope } from "./spans/agent-resource.ts";
import type { SpanRecord } from "./spans/types.ts";

export interface SelfMetricsParts {
  readonly config: Pick<Config, "service">;
  /** The account as it stands now: what it says and what is measured are the same numbers. */
  readonly account: () => Account;
  readonly sessions: Pick<Sessions, "live">;
  readonly spans: Readonly<ExportCounts>;
  /** Asks for them from now on. */
  readonly metrics: Pick<Metrics, "add" | "counts">;
}

type Said = Pick<NumberPoint, "name" | "unit" | "kind" | "value" | "description"> &
  Partial<Pick<NumberPoint, "attributes" | "valueType">>;

export class SelfMetrics implements MetricSource {
  readonly #parts: SelfMetricsParts;
  readonly #resource;
  readonly #startTime: HrTime = millisToHrTime(Date.now() - process.uptime() * 1000);
  readonly #overhead: OverheadMeter;
  #errors = 0;

  constructor(parts: SelfMetricsParts) {
    this.#parts = parts;
    this.#resource = agentResource(parts.config.service.environment);
    this.#overhead = new OverheadMeter(() =>
      [...parts.sessions.live].flatMap((session) => session.programStatistics()),
    );
    parts.metrics.add(this);
  }

  /** Of each span that goes to the exporter. */
  count({ status }: Pick<SpanRecord, "status">): void {
    if (status.code === SpanStatusCode.ERROR) this.#errors++;
  }

  collect(): readonly MetricPoint[] {
    const account = this.#parts.account();
    const all = [...this.#spans(account), ...asides(account), ...this.#process(), ...this.#exports()];
    const common = { startTime: this.#startTime, scope: agentScope, resource: this.#resource };
    return all.map((said) => ({ attributes: {}, ...said, ...common }));
  }

  #spans({ outcomes: counts }: Account): Said[] {
    const { added } = this.#parts.spans;
    const spans = (name: string, value: number, description: string, attributes: Attributes = {}): Said => ({
      name: `auto_instrument.spans.${name}`,
      unit: "{span}",
      kind: "counter",
      value,
      description,
      attributes,
    });
    const losses = (Object.keys(outcomes) as Outcome[]).filter((outcome) => outcomes[outcome].isLoss);
    return [
      spans("created", added, "Spans that were made of what the probes reported"),
      spans("errors", this.#errors, "Of those, spans whose status is Error"),
      spans("exported", counts.exported ?? 0, "Spans that the endpoint has taken"),
      spans("unsampled", counts.unsampled ?? 0, "Requests and calls that the sampler left out"),
      spans("left_out", counts.leftOut ?? 0, "Requests and calls that a rule for their path left out"),
      spans(
        "over_limit",
        counts.overLimit ?? 0,
        "Calls beyond the limit of the rule that names their function",
      ),
      { ...spans("pending", counts.pending ?? 0, "Spans that wait for their export"), kind: "updowncounter" },
      ...losses.map((outcome) =>
        spans("dropped", counts[outcome] ?? 0, "Requests and calls without a span that should have one", {
          reason: snakeCase(outcome),
        }),
      ),
    ];
  }

  #process(): Said[] {
    const overhead = this.#overhead.read();
    const cpu = (source: string, value: number): Said => ({
      name: "auto_instrument.overhead.cpu_percent",
      unit: "%",
      kind: "gauge",
      value,
      valueType: "double",
      description:
        "Percent of one processor since the last look: the agent's process, and its programs in the kernel",
      attributes: { source },
    });
    return [
      cpu("agent", overhead.agent),
      ...(overhead.bpf === undefined ? [] : [cpu("bpf", overhead.bpf)]),
      ...processTimes(),
      {
        name: "process.memory.usage",
        unit: "By",
        kind: "updowncounter",
        value: process.memoryUsage.rss(),
        description: "Resident memory of the agent",
      },
      {
        name: "auto_instrument.targets",
        unit: "{process}",
        kind: "updowncounter",
        value: this.#parts.sessions.live.size,
        description: "Processes that are traced now",
      },
    ];
  }

  #exports(): Said[] {
    const { spans, metrics } = this.#parts;
    const exported = metrics.counts;
    const failures = (signal: string, value: number): Said => ({
      name: "auto_instrument.export.failures",
      unit: "{export}",
      kind: "counter",
      value,
      description: "Exports that were given up, after all attempts",
      attributes: { signal },
    });
    return [
      failures("traces", spans.failures),
      ...(exported ? [failures("metrics", exported.failures)] : []),
    ];
  }
}

function processTimes(): Said[] {
  const { user, system } = process.cpuUsage();
  return Object.entries({ user, system }).map(([mode, microseconds]) => ({
    name: "process.cpu.time",
    unit: "s",
    kind: "counter",
    value: microseconds / 1e6,
    valueType: "double",
    description: "Time of the processors that the agent's process has taken",
    attributes: { "cpu.mode": mode },
  }));
}

/** What was seen besides, and what spans lack. */
function asides({ asides = {} }: Account): Said[] {
  return Object.entries(asides).map(([kind, value]) => ({
    name: "auto_instrument.spans.incomplete",
    unit: "{event}",
    kind: "counter",
    value,
    description: "Requests, calls and fields that were not seen as they should be",
    attributes: { kind: snakeCase(kind) },
  }));
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
