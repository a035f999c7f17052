/** What a target's attaching came to, for scripts: `--json`, in the shape of docs/start-report.md. */
import { printableJsonLine } from "./printable.ts";

export interface LibraryReport {
  readonly name: string;
  readonly path: string;
  /**
   * "waiting": its probes come when a request needs them; "failed": the kernel refused it. The others as in the plan.
   */
  readonly status: "attached" | "waiting" | "failed" | "absent" | "disabled" | "skipped";
  /** Places in the program. */
  readonly probes: number;
  /** Why it is not attached. */
  readonly reason: string | null;
  /** Parts that it goes without, and why. */
  readonly without: readonly string[];
}

/** A way for trace context to go out; null: nothing that is attached has use for it. */
export type TierReport = { readonly on: boolean; readonly reason: string | null } | null;

export interface TierReports {
  readonly socket: TierReport;
  readonly write: TierReport;
  /** The write tier, for the headers of messages. */
  readonly messages: TierReport;
}

export interface StartReport {
  readonly pid: number;
  /** In the target's own file system. */
  readonly executable: string;
  readonly go: string;
  readonly attachMilliseconds: number;
  readonly service: string;
  readonly kernel: { readonly release: string; readonly lockdown: string };
  readonly libraries: readonly LibraryReport[];
  readonly propagation: TierReports & { readonly propagators: readonly string[] };
  readonly export: {
    readonly exporter: string;
    readonly endpoint: string | null;
    readonly protocol: string | null;
  };
  readonly sampler: { readonly kind: string; readonly ratio: number };
}

/** Of the JSON: changes when a member changes its meaning or goes; new ones may come at any time. */
const schema = 1;

/** One line. */
export function startReportLine(report: StartReport): string {
  return printableJsonLine({ schema, event: "attached", ...report });
}
