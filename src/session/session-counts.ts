import { type Counts, sumCounts } from "../drain/counters.ts";

/** How many requests began and what became of them, as far as the kernel and the agent know. */
export interface SessionCounts extends Counts {
  /** Records that no span could be made of. */
  readonly malformed: number;
  /** Those whose library the user has disabled, and that did not end soon. */
  readonly cutOff: number;
  /** Spans whose end nothing told: src/spans/lasting.ts. */
  readonly endUnseen: number;
}

export function addSessionCounts(all: readonly SessionCounts[]): SessionCounts {
  const sum = (name: "malformed" | "cutOff" | "endUnseen") =>
    all.reduce((total, counts) => total + counts[name], 0);
  return {
    ...sumCounts(all),
    malformed: sum("malformed"),
    cutOff: sum("cutOff"),
    endUnseen: sum("endUnseen"),
  };
}
