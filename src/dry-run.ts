/** `--dry-run`: what would be attached to the targets, and whether this kernel would let us. */
import type { Config } from "./config/config.ts";
import { inspectTarget } from "./inspect.ts";
import { probeKernel } from "./kernel/index.ts";
import { ExitCode } from "./report/exit-code.ts";
import { log } from "./report/log.ts";
import { startMessages } from "./report/start.ts";
import { explain, UserError } from "./report/user-error.ts";
import { requireOwnArchitecture } from "./session.ts";
import { resolveTargets } from "./target/resolve.ts";

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
  for (const target of await resolveTargets(config.targets, signal)) {
    const options = { disabled: config.live.disabledLibraries, offsetsFile: config.offsets.file, json };
    codes.push(await inspectTarget(target, options, requireOwnArchitecture).catch(said));
  }
  const { release } = probeKernel();
  log.info(startMessages.dryRun(release));
  return codes.find((code) => code !== ExitCode.ok) ?? ExitCode.ok;
}

function said(error: unknown): ExitCode {
  if (!(error instanceof UserError)) throw error;
  log.error(explain(error.explanation));
  return error.exitCode;
}
