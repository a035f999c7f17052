/** What a user reads about values that are sent as metrics, beside what any export says. */
import type { MetricCounts, MetricDropReason } from "../export/metrics-types.ts";
import { printable } from "./printable.ts";

const reasons = {
  tooMany: "too many at once",
  notFinite: "not a number",
  exportFailed: "export failed",
  rejected: "rejected by the endpoint",
  shutdown: "not sent in time at the end",
} satisfies Record<MetricDropReason, string>;

/** What became of every value: "metric values 120 = 100 exported + 20 dropped (export failed)". */
export function metricsAccount({ received, exported, dropped }: Readonly<MetricCounts>): string {
  const lost = (Object.keys(reasons) as MetricDropReason[])
    .filter((reason) => dropped[reason] > 0)
    .map((reason) => `${number(dropped[reason])} dropped (${reasons[reason]})`);
  return `metric values ${number(received)} = ${[`${number(exported)} exported`, ...lost].join(" + ")}`;
}

export function metricsUnreadable(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `some metric values cannot be read and are left out: ${printable(reason)}`;
}

function number(count: number): string {
  return count.toLocaleString("en");
}
