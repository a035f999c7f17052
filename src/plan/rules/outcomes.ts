/** What would become of each rule in one program, for one who asks beforehand. */
import type { GoBinary } from "../../binary/types.ts";
import { isFor, type Rule } from "../../config/rules/rule.ts";
import { rulesLibrary } from "../../libraries/rules/library.ts";
import type { PlanOptions } from "../plan.ts";
import { type LeftOut, type PlacedFunction, planRules } from "./plan-rules.ts";

export interface RuleOutcome {
  readonly rule: Rule;
  /** False: it names another executable. */
  readonly isFor: boolean;
  /** Those that an earlier rule has taken are not among them. */
  readonly functions: readonly PlacedFunction[];
  readonly leftOut: readonly LeftOut[];
}

/** In the order of the rules. `exePath` is the executable's path as its process sees it. */
export function ruleOutcomes(
  binary: GoBinary,
  rules: readonly Rule[],
  exePath: string,
  options: Pick<PlanOptions, "loadBias" | "offsets">,
): readonly RuleOutcome[] {
  const own = rules.filter((rule) => isFor(rule, exePath));
  const { functions, leftOut } = planRules(
    binary,
    own,
    rulesLibrary(() => undefined),
    options,
  );
  return rules.map((rule) => ({
    rule,
    isFor: own.includes(rule),
    functions: functions.filter((each) => each.rule === rule),
    leftOut: leftOut.filter((each) => each.rule === rule),
  }));
}
