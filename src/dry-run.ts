/** `--dry-run`: what would be attached to the targets, and whether this kernel would let us. */
import type { GoBinary } from "./binary/types.ts";
import type { Config } from "./config/config.ts";
import { inspectTarget } from "./inspect.ts";
import { probeKernel } from "./kernel/index.ts";
import { tryTiers } from "./outgoing-tiers.ts";
import type { LibraryPlan } from "./plan/types.ts";
import { ExitCode } from "./report/exit-code.ts";
import { log } from "./report/log.ts";
import { propagationMessages, tierTexts } from "./report/propagation.ts";
import { startMessages } from "./report/start.ts";
import { explain, UserError } from "./report/user-error.ts";
import { requireOwnArchitecture } from "./session.ts";
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
  const codes: ExitCode[] = [];
  const planned: { readonly target: Target; readonly plans: readonly LibraryPlan[] }[] = [];
  for (const target of await resolveTargets(config.targets, signal)) {
    const options = { disabled: config.live.disabledLibraries, offsetsFile: config.offsets.file, json };
    const check = (binary: GoBinary, plans: readonly LibraryPlan[]) => {
      requireOwnArchitecture(binary);
      planned.push({ target, plans });
    };
    codes.push(await inspectTarget(target, options, check).catch(said));
  }
  const { release } = probeKernel();
  for (const { target, plans } of planned) sayTiers(target, plans, config);
  log.info(startMessages.dryRun(release));
  return codes.find((code) => code !== ExitCode.ok) ?? ExitCode.ok;
}

/** How trace context would go out with the target's requests. */
function sayTiers(target: Target, plans: readonly LibraryPlan[], config: Config): void {
  const { socket, write } = tierTexts(tryTiers(target, plans, config));
  if (socket ?? write) log.info(propagationMessages.wouldSend(target.pid));
  for (const text of [socket, write]) if (text) log.info(text);
}

function said(error: unknown): ExitCode {
  if (!(error instanceof UserError)) throw error;
  log.error(explain(error.explanation));
  return error.exitCode;
}
