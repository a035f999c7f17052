/** What would be traced in a process. Nothing is attached. */
import { openRunning } from "../binary/running.ts";
import type { GoBinary } from "../binary/types.ts";
import type { Config } from "../config/config.ts";
import type { KernelFeatures } from "../kernel/index.ts";
import type { Tier } from "../libraries/descriptor.ts";
import { rulesPath } from "../libraries/rules/library.ts";
import type { Attachment, LibraryPlan } from "../plan/types.ts";
import { type Check, type CheckGroup, ok, problem, warning } from "../report/doctor.ts";
import { targetWords as words } from "../report/doctor-words.ts";
import { nothingToInstrument } from "../report/start.ts";
import type { TierReports } from "../report/start-report.ts";
import { makesSpans } from "../session/makes-spans.ts";
import { openTiers, tryTiers } from "../session/outgoing-tiers.ts";
import { requireOwnArchitecture } from "../session/own-architecture.ts";
import { plansFor } from "../session/plans-for.ts";
import { programsFor } from "../session/programs-for.ts";
import { modulesNotTraced } from "../session/watched.ts";
import { readHost } from "../spans/host.ts";
import { resourceOf } from "../spans/resource.ts";
import { executableMappings, loadBias } from "../target/mappings.ts";
import { openTarget } from "../target/open.ts";
import type { Target } from "../target/target.ts";
import { attempt, failed, isCheck } from "./look.ts";
import { tierChecks } from "./tiers.ts";

/** `features`: what the kernel can do, undefined when no program loads. */
export function lookAtTarget(pid: number, config: Config, features: KernelFeatures | undefined): CheckGroup {
  const name = `process ${pid}`;
  const target = attempt("target.process", "process", () => openTarget(pid));
  if (isCheck(target)) return { name, checks: [target] };
  const process = ok("target.process", "process", words.process(target.exePath));
  const binary = attempt("target.program", "program", () => openRunning(target));
  if (isCheck(binary)) return { name, checks: [process, binary] };
  try {
    return { name, checks: [process, ...lookInside(target, binary, config, features)] };
  } catch (error) {
    return { name, checks: [process, failed("target.program", "program", error)] };
  } finally {
    binary.close();
  }
}

function lookInside(
  target: Target,
  binary: GoBinary,
  config: Config,
  features: KernelFeatures | undefined,
): readonly Check[] {
  requireOwnArchitecture(binary);
  const { buildInfo, hasSymbols } = binary;
  const bias = loadBias(executableMappings(target), binary.segments) ?? 0;
  const { plans, possible } = plansFor(binary, { exePath: target.exePath, loadBias: bias }, config);
  const tiers = features ? lookAtTiers(target, plans, config) : undefined;
  return [
    ok("target.program", "program", words.program(buildInfo.goVersion.text, !hasSymbols)),
    ...plans.flatMap((plan) => libraryCheck(plan, tiers && openTiers(isCheck(tiers) ? noTiers : tiers))),
    ...absent(plans),
    ...(config.file && makesSpans(possible) ? [] : nothing(target, plans)),
    ...beside(binary),
    ...(tiers && config.propagators.length > 0 ? tierChecks("target", tiers) : []),
    ok("target.service", "service.name", words.service(serviceName(target, binary, config))),
  ];
}

/** Those that are not in the program stand together in one line; those that make no spans only help others. */
function libraryCheck(plan: LibraryPlan, tiers: ReadonlySet<Tier> | undefined): readonly Check[] {
  const { name, path } = plan.library;
  const id = `target.library.${path}`;
  switch (plan.status) {
    case "absent":
      return [];
    case "disabled":
      return [ok(id, name, words.notAttached(plan.reason))];
    case "skipped":
      return [
        plan.library.toSpan
          ? warning(id, name, words.skipped(plan.reason))
          : ok(id, name, words.notAttached(plan.reason)),
      ];
    case "attach":
      // What a library goes without is the program's affair; a rule that can't be met, the user's.
      return path === rulesPath && plan.without.length > 0
        ? [warning(id, name, words.someRules(attachment({ ...plan, without: [] }, tiers), plan.without))]
        : [ok(id, name, attachment(plan, tiers))];
  }
}

/** `tiers`: the ways that are open for trace context to go out, undefined when nobody can tell. */
function attachment(plan: Attachment, tiers: ReadonlySet<Tier> | undefined): string {
  const programs = tiers ? programsFor(plan, tiers) : plan.programs;
  if (programs === undefined) return words.noWayOut;
  const probesOf = (late: boolean) =>
    programs.filter((program) => program.late === late).reduce((sum, { sites }) => sum + sites.length, 0);
  return words.attach({ now: probesOf(false), later: probesOf(true) }, plan.without);
}

function absent(plans: readonly LibraryPlan[]): readonly Check[] {
  const names = plans.filter(({ status }) => status === "absent").map(({ library }) => library.name);
  return names.length === 0 ? [] : [ok("target.absent", "not in it", words.absent(names))];
}

/** As a run would say it: those that make no spans only help others. */
function nothing(target: Target, plans: readonly LibraryPlan[]): readonly Check[] {
  if (makesSpans(plans)) return [];
  const reasons = plans.flatMap((plan) =>
    plan.status === "attach" ? [] : [`${plan.library.name}: ${plan.reason}`],
  );
  const { explanation, exitCode } = nothingToInstrument(target, reasons);
  return [problem("target.libraries", "libraries", explanation, exitCode)];
}

function beside({ buildInfo }: GoBinary): readonly Check[] {
  const found = modulesNotTraced(buildInfo);
  return found.length === 0 ? [] : [warning("target.not_traced", "not traced", words.notTraced(found))];
}

const noTiers: TierReports = { socket: null, write: null, messages: null };

/** How trace context would go out: only what the program has use for. */
function lookAtTiers(target: Target, plans: readonly LibraryPlan[], config: Config): TierReports | Check {
  return attempt("target.socket_tier", "socket tier", () => tryTiers(target, plans, config));
}

function serviceName(target: Target, { buildInfo }: GoBinary, { service }: Config): string {
  const { attributes } = resourceOf({ service, target, buildInfo, ...readHost(target.pid) });
  return String(attributes["service.name"]);
}
