import type { LibraryPlan } from "../plan/types.ts";

/** Whether any of them is to be attached that does. */
export function makesSpans(plans: readonly LibraryPlan[]): boolean {
  return plans.some(
    (plan) =>
      plan.status === "attach" &&
      plan.library.toSpan &&
      !plan.library.needsOthers &&
      plan.programs.length > 0,
  );
}
