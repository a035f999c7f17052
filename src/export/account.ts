/**
 * The account of every request: each that began has exactly one outcome. Kernel, drain and exporter each count their
 * own; this adds up and says whether anything is missing.
 */
import { type Aside, type Outcome, outcomes } from "../report/account.ts";
import type { ExportCounts } from "./batcher.ts";

export interface Account {
  /** Requests that began. */
  readonly started: number;
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
  readonly asides?: Readonly<Partial<Record<Aside, number>>>;
}

export interface Balance {
  /** Requests that should have given a span and didn't. */
  readonly lost: number;
  /** Requests without an outcome; below 0, outcomes without a request. 0 when the account balances. */
  readonly missing: number;
}

export function balance({ started, outcomes: counts }: Account): Balance {
  let lost = 0;
  let accounted = 0;
  for (const [outcome, { isLoss }] of Object.entries(outcomes) as [Outcome, { isLoss: boolean }][]) {
    const count = counts[outcome] ?? 0;
    accounted += count;
    if (isLoss) lost += count;
  }
  return { lost, missing: started - accounted };
}

/** The exporter's part of the outcomes. */
export function exportOutcomes({ exported, pending, dropped }: Readonly<ExportCounts>): Account["outcomes"] {
  return { exported, pending, ...dropped };
}
