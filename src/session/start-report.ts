/** What is reported when a target has been attached: as lines of the log, and as JSON for those who want it. */
import type { Config } from "../config/config.ts";
import { type KernelFeatures, lockdownByTrial, lockdownMode, type ObjectStatus } from "../kernel/index.ts";
import type { LibraryPlan } from "../plan/types.ts";
import { endpointText } from "../report/export.ts";
import { log } from "../report/log.ts";
import { print } from "../report/output.ts";
import { startMessages } from "../report/start.ts";
import {
  type LibraryReport,
  type StartReport,
  startReportLine,
  type TierReports,
} from "../report/start-report.ts";
import { isLate } from "./late-probes.ts";

/** Said once, before anything is attached: what the spans are made with and where they go. */
export function reportSurroundings(config: Config, { release }: KernelFeatures): void {
  log.info(startMessages.kernel(release, lockdown()));
  log.info(startMessages.exporter(exportOf(config), config.live.sampler));
}

function lockdown(): string {
  return lockdownMode() ?? lockdownByTrial() ?? startMessages.lockdownUnknown;
}

interface Attached extends Pick<StartReport, "pid" | "executable" | "go" | "attachMilliseconds" | "service"> {
  readonly plans: readonly LibraryPlan[];
  readonly statuses: readonly ObjectStatus[];
  readonly tiers: TierReports;
}

/** On stdout, when the user wants it for each target. */
export function printStartReport(
  { plans, statuses, tiers, ...about }: Attached,
  config: Config,
  { release }: KernelFeatures,
): void {
  if (config.startReport === undefined) return;
  const report: StartReport = {
    ...about,
    kernel: { release, lockdown: lockdown() },
    libraries: plans.map((plan) => libraryReport(plan, statuses)),
    propagation: { propagators: config.propagators, ...tiers },
    export: exportOf(config),
    sampler: config.live.sampler,
  };
  print(startReportLine(report)).catch((error) => log.warn(startMessages.notPrinted(String(error))));
}

function exportOf({ exporter, otlp }: Config): StartReport["export"] {
  return exporter === "otlp"
    ? { exporter, endpoint: endpointText(otlp.endpoint), protocol: otlp.protocol }
    : { exporter, endpoint: null, protocol: null };
}

function libraryReport(plan: LibraryPlan, statuses: readonly ObjectStatus[]): LibraryReport {
  const { name, path } = plan.library;
  const about = { name, path, probes: 0, reason: null, without: [] };
  if (plan.status !== "attach") return { ...about, status: plan.status, reason: plan.reason };
  const { without } = plan;
  const status = statuses.find((each) => each.name === name);
  if (status?.attached)
    return { ...about, without, status: isLate(plan) ? "waiting" : "attached", probes: status.sites };
  // Without a status it was left out: all that it does is write trace context in a way that is closed here.
  return status
    ? { ...about, without, status: "failed", reason: status.error.explanation.what }
    : { ...about, without, status: "skipped", reason: startMessages.tierOff };
}
