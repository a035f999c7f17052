/** What the kernel counts of the programs of one target, where it does: kernel.bpf_stats_enabled. */
import type { HrTime } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import type { MetricPoint, MetricSource, NumberPoint } from "../export/metrics-types.ts";
import type { ProgramStatistics } from "../kernel/index.ts";
import { agentScope } from "../spans/agent-resource.ts";

export function probeMetrics(
  programs: () => readonly ProgramStatistics[],
  origin: { readonly resource: Resource; readonly startTime: HrTime },
): MetricSource {
  return {
    collect: () => {
      const all = programs();
      return all.some(({ runs }) => runs > 0n) ? all.flatMap((program) => pointsOf(program, origin)) : [];
    },
  };
}

function pointsOf(
  { object, program, runs, nanoseconds }: ProgramStatistics,
  origin: { readonly resource: Resource; readonly startTime: HrTime },
): MetricPoint[] {
  const point = (
    more: Pick<NumberPoint, "name" | "unit" | "description" | "value" | "valueType">,
  ): MetricPoint => ({
    ...more,
    ...origin,
    kind: "counter",
    scope: agentScope,
    attributes: { library: object, program },
  });
  return [
    point({
      name: "auto_instrument.probe.hits",
      unit: "{hit}",
      description: "How often a program ran",
      value: Number(runs),
      valueType: "int",
    }),
    point({
      name: "auto_instrument.probe.time",
      unit: "s",
      description: "How long it ran",
      value: Number(nanoseconds) / 1e9,
      valueType: "double",
    }),
  ];
}
