/** What is to be done in a target: a plan for each library, and what all of them need to know of it. */
import type { GoBinary } from "../binary/types.ts";
import type { Config } from "../config/config.ts";
import { libraries } from "../generated/registry.ts";
import { loadOffsets } from "../offsets/store.ts";
import { contextRules } from "../plan/contexts.ts";
import { goidGenerator } from "../plan/goid-generator.ts";
import { planLibraries } from "../plan/plan.ts";
import type { Attachment, LibraryPlan } from "../plan/types.ts";
import { planReasons } from "../report/plan.ts";
import { mayCaptureHeaders } from "./captured-headers.ts";
import { enabledOnly } from "./enabled.ts";
import { FunctionRules, type ProgramPlace } from "./function-rules.ts";
import { GoroutineSpans, wantsGoroutineSpans } from "./goroutine-spans.ts";
import type { TargetFacts } from "./kernel-plan.ts";

export interface Plans {
  /** One for each library, as things are at the start. */
  readonly plans: readonly LibraryPlan[];
  /** Those that can be attached, now or when the config file enables them. */
  readonly possible: readonly Attachment[];
  /** There while the config file may name functions. */
  readonly rules: FunctionRules | undefined;
  /** There while goroutines may have spans. */
  readonly goroutines: GoroutineSpans | undefined;
}

export function plansFor(binary: GoBinary, place: ProgramPlace, config: Config): Plans {
  const { live, file, offsets } = config;
  const disabled = live.disabledLibraries;
  const wanted = libraries.filter(({ ofApplication }) => config.applicationSpans || !ofApplication);
  const all = planLibraries(binary, wanted, {
    disabled: file === undefined ? disabled : [],
    loadBias: place.loadBias,
    offsets: () => loadOffsets(offsets.file),
  });
  const rules = file === undefined ? undefined : new FunctionRules(binary, place, config);
  const goroutines =
    file !== undefined || wantsGoroutineSpans(live)
      ? new GoroutineSpans(binary, place.loadBias, config)
      : undefined;
  const ofGoroutines = goroutines && wantsGoroutineSpans(live) ? [goroutines.plan] : [];
  const plans = enabledOnly([...all, ...(rules?.plan ? [rules.plan] : []), ...ofGoroutines], live);
  const left = libraries.filter((library) => !wanted.includes(library));
  const off = left.map((library): LibraryPlan => {
    return { status: "disabled", library, reason: planReasons.applicationSpansOff };
  });
  const changeable = file === undefined ? enabledOnly(all, live) : all;
  const possible = [...changeable, rules?.attachment, goroutines?.attachment].filter(
    (plan) => plan?.status === "attach",
  );
  return { plans: [...plans, ...off], possible, rules, goroutines };
}

/** To be asked before the binary forgets what it has read. */
export function targetFacts(
  binary: GoBinary,
  loadBias: number,
  ringSize: number,
  config: Config,
  rules: FunctionRules | undefined,
): Omit<TargetFacts, "tiers" | "outgoingMaps"> {
  const generator = goidGenerator(binary);
  return {
    ringSize,
    loadBias,
    contextRules: contextRules(binary),
    goidGenerator: generator === undefined ? undefined : generator + loadBias,
    followsGoroutines: config.file !== undefined || config.live.goroutines !== "off",
    capturesHeaders: mayCaptureHeaders(config),
    ruleEntries: rules?.entries() ?? new Map(),
  };
}
