/** Which of a library's programs have a use where some ways for trace context to go out are closed. */
import type { Library, Tier } from "../libraries/descriptor.ts";
import type { Attachment } from "../plan/types.ts";

/**
 * Those that have: one that writes trace context out would not load where its way is closed, or in vain. Undefined when
 * all that the library is there for is to write in such a way.
 */
export function programsFor(
  { library, programs }: Pick<Attachment, "library" | "programs">,
  tiers: ReadonlySet<Tier>,
): Attachment["programs"] | undefined {
  return isInVain(library, tiers)
    ? undefined
    : programs.filter(({ program }) => isPossible(library, program, tiers));
}

function isPossible({ probes }: Library, name: string, tiers: ReadonlySet<Tier>): boolean {
  const own = probes.filter(({ program }) => program === name);
  return own.length === 0 || own.some(({ tier }) => tier === undefined || tiers.has(tier));
}

function isInVain({ probes }: Library, tiers: ReadonlySet<Tier>): boolean {
  return probes.length > 0 && probes.every(({ tier }) => tier !== undefined && !tiers.has(tier));
}
