import { log } from "../report/log.ts";
import { metricsUnreadable } from "../report/metrics.ts";
import type { MetricPoint, MetricSource } from "./metrics-types.ts";

/** Sources whose failure was said. */
const failed = new WeakSet<MetricSource>();

/** The source's values; of one that fails none, which is said once. */
export function pointsOf(source: MetricSource): readonly MetricPoint[] {
  try {
    return source.collect();
  } catch (error) {
    if (!failed.has(source)) log.warn(metricsUnreadable(error));
    failed.add(source);
    return [];
  }
}
