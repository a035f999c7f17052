/** Which ways for trace context to go out have use in a target, and whether they would be open: by trying, without attaching. */
import type { Config } from "../config/config.ts";
import {
  MessageSlots,
  type SlotTarget,
  SocketTier,
  type SocketTierTarget,
  writeTierRefusal,
} from "../kernel/index.ts";
import type { Library, Tier } from "../libraries/descriptor.ts";
import type { LibraryPlan } from "../plan/types.ts";
import { socketTierOff } from "../report/propagation.ts";
import type { TierReport, TierReports } from "../report/start-report.ts";

type SocketUse = NonNullable<Library["bySocket"]>;

/** What the tiers of a target would come to. */
export function tryTiers(
  target: SocketTierTarget & SlotTarget,
  plans: readonly LibraryPlan[],
  { propagators }: Pick<Config, "propagators">,
): TierReports {
  const wanted = propagators.length > 0;
  const socket = hasUseFor("socket", plans)
    ? tierReport(wanted ? SocketTier.refusal(target) : socketTierOff.disabled)
    : null;
  const write = wanted && hasUseFor("write", plans) ? tierReport(writeTierRefusal()) : null;
  const messages =
    wanted && hasUseFor("message", plans)
      ? tierReport(writeTierRefusal() ?? MessageSlots.refusal(target))
      : null;
  return { socket, write, messages };
}

export function tierReport(refusal: string | undefined): NonNullable<TierReport> {
  return { on: refusal === undefined, reason: refusal ?? null };
}

/** Those that would be open. */
export function openTiers({ socket, write, messages }: TierReports): ReadonlySet<Tier> {
  const tiers = { socket, write, message: messages };
  return new Set((Object.keys(tiers) as Tier[]).filter((tier) => tiers[tier]?.on));
}

/** Whether any of these libraries has a program of the tier that would be attached. */
export function hasUseFor(tier: Tier, plans: readonly LibraryPlan[]): boolean {
  return plans.some(
    (plan) =>
      plan.status === "attach" &&
      plan.library.probes.some(
        (probe) =>
          probe.tier === tier &&
          plan.programs.some(({ program, sites }) => program === probe.program && sites.length > 0),
      ),
  );
}

/** Of those libraries that would use the tier of sockets: what carries trace context by that, and what they leave there. */
export function socketUses(plans: readonly LibraryPlan[]): readonly SocketUse[] {
  return plans.flatMap((plan) => {
    const { bySocket } = plan.library;
    return bySocket && hasUseFor("socket", [plan]) ? [bySocket] : [];
  });
}
