/** `--dry-run`: what would be attached to the targets, and whether this kernel would let us. */
import type { Config } from "./config/config.ts";
import { inspectTarget } from "./inspect.ts";
import { type KernelFeatures, probeKernel } from "./kernel/index.ts";
import type { LibraryPlan } from "./plan/types.ts";
import { ExitCode } from "./report/exit-code.ts";
import { log } from "./report/log.ts";
import { propagationMessages, tierTexts } from "./report/propagation.ts";
import { startMessages } from "./report/start.ts";
import type { TierReports } from "./report/start-report.ts";
import { explain, UserError } from "./report/user-error.ts";
import { makesSpans } from "./session/makes-spans.ts";
import { socketUses, tryTiers } from "./session/outgoing-tiers.ts";
import { requireOwnArchitecture } from "./session/own-architecture.ts";
import { plansFor } from "./session/plans-for.ts";
import { resolveTargets } from "./target/resolve.ts";
import type { Target } from "./target/target.ts";

/**
 * Prints the plan for each target and attaches nothing.
 * @returns the exit code that the same command without `--dry-run` would end with at its start, ok when it would go on
 */
export async function dryRun(config: Config, json: boolean, signal: AbortSignal): Promise<ExitCode> {
  if (!config.enabled) {
    log.info(startMessages.disabledByUser);
    return ExitCode.ok;
  }
  const targets = await resolveTargets(config.targets, signal);
  const kernel = tryKernel();
  const codes: ExitCode[] = [];
  const outgoing: (() => void)[] = [];
  for (const target of targets) {
    const { functionRules: rules, ...live } = config.live;
    const options = { ...live, offsetsFile: config.offsets.file, rules, json };
    let waits = false;
    const code = await inspectTarget(target, options, {
      tiers: (plans) => {
        if (kernel instanceof UserError) return undefined;
        const tiers = tryTiers(target, plans, config);
        outgoing.push(() => sayTiers(target, tiers, plans));
        return tiers;
      },
      check: (binary) => {
        requireOwnArchitecture(binary);
        waits =
          config.file !== undefined &&
          makesSpans(plansFor(binary, { exePath: target.exePath, loadBias: 0 }, config).possible);
      },
    }).catch(said);
    codes.push(waits ? ExitCode.ok : code);
  }
  if (kernel instanceof UserError) throw kernel;
  for (const say of outgoing) say();
  log.info(startMessages.dryRun(kernel.release));
  return codes.find((code) => code !== ExitCode.ok) ?? ExitCode.ok;
}

/** The plan is printed also where the kernel would refuse it. */
function tryKernel(): KernelFeatures | UserError {
  try {
    return probeKernel();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

/** How trace context would go out with the target's requests. */
function sayTiers({ pid }: Target, tiers: TierReports, plans: readonly LibraryPlan[]): void {
  const bySocket = socketUses(plans).map(({ what }) => what);
  const { socket, write, messages } = tierTexts(tiers, { bySocket });
  if (socket ?? write ?? messages) log.info(propagationMessages.wouldSend(pid));
  for (const text of [socket, write, messages]) if (text) log.info(text);
}

function said(error: unknown): ExitCode {
  if (!(error instanceof UserError)) throw error;
  log.error(explain(error.explanation));
  return error.exitCode;
}
