/** Which libraries the user wants, of those that the program has. */
import type { LiveSettings } from "../config/config.ts";
import type { Library } from "../libraries/descriptor.ts";
import { isDisabled } from "../plan/plan.ts";
import type { LibraryPlan } from "../plan/types.ts";
import { planReasons } from "../report/plan.ts";

export type Wishes = Pick<LiveSettings, "disabledLibraries" | "logEvents">;

export function isEnabled(library: Library, wishes: Wishes): boolean {
  return whyOff(library, wishes) === undefined;
}

/** The plans, but for what is off: that is not to be attached. */
export function enabledOnly(plans: readonly LibraryPlan[], wishes: Wishes): readonly LibraryPlan[] {
  return plans.map((plan): LibraryPlan => {
    const { library } = plan;
    const reason = whyOff(library, wishes);
    // What nobody has asked for needs no mention where it isn't there.
    const isSilent = plan.status === "absent" && reason === planReasons.logEventsOff;
    return reason === undefined || isSilent ? plan : { status: "disabled", library, reason };
  });
}

function whyOff(library: Library, { disabledLibraries: disabled, logEvents }: Wishes): string | undefined {
  if (isDisabled(library, { disabled })) return planReasons.disabled;
  return library.ofLogs && !logEvents ? planReasons.logEventsOff : undefined;
}
