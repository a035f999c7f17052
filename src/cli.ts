import { setMaxListeners } from "node:events";
import { parseCommandLine } from "./config/command-line.ts";
import type { Config } from "./config/config.ts";
import { loadConfig } from "./config/load.ts";
import type { Sources } from "./config/read.ts";
import { openSources } from "./config/sources.ts";
import type { LiveFile } from "./live-file.ts";
import { ExitCode } from "./report/exit-code.ts";
import { log, setLogLevel } from "./report/log.ts";
import { shareStreams } from "./report/streams.ts";
import { explain, UserError } from "./report/user-error.ts";

/** Set once the configuration is known: stacks of unexpected errors are for those who asked for details. */
let verbose = false;

async function main(words: readonly string[]): Promise<number> {
  const line = parseCommandLine(words);
  if (line.command === "nothing") return ExitCode.ok;
  if (line.command === "supported-versions") {
    await (await import("./supported.ts")).printSupported(line.json, process.env);
    return ExitCode.ok;
  }
  if (line.command === "completion") {
    await (await import("./completion/index.ts")).printCompletion(line.shell);
    return ExitCode.ok;
  }
  if (line.command === "launch") shareStreams();
  const sources = await openSources(line.flags, process.env);
  if (line.command === "inspect") return await (await import("./inspect.ts")).inspect(line, sources);
  if (line.command === "doctor") return await (await import("./doctor/index.ts")).doctor(line, sources);
  if (line.command === "update-offsets")
    return await (await import("./update-offsets.ts")).updateOffsets(sources, stopSignal());
  const startsTarget = line.command === "launch";
  const loaded = loadConfig(sources.flags, sources.environment, { ...sources, startsTarget });
  const { config } = loaded;
  const warnings = [...loaded.warnings, ...(await unknownLibraries(config.live))];
  verbose = config.live.logLevel === "debug";
  setLogLevel(config.live.logLevel);
  for (const warning of warnings) log.warn(warning);
  if (line.command === "dry-run")
    return await (await import("./dry-run.ts")).dryRun(config, line.json, stopSignal());
  const file = await liveFile(sources, config, warnings);
  if (line.command === "launch")
    return await (await import("./launch/launch.ts")).launch(config, line.words, file);
  // Imported late, so that help, version and a mistyped flag do not wait for the pipeline to load.
  const { run } = await import("./run.ts");
  return await run(config, stopSignal(file), { file });
}

/** The libraries are imported only when there is anything to look up. */
async function unknownLibraries(live: Config["live"]): Promise<readonly string[]> {
  if (live.disabledLibraries.length === 0) return [];
  return (await import("./disabled-names.ts")).unknownLibraries(live);
}

/** The config file, when there is one, to be followed while the agent runs. */
async function liveFile(
  { file, ...sources }: Sources,
  config: Config,
  warnings: readonly string[],
): Promise<LiveFile | undefined> {
  if (file === undefined) return undefined;
  const { LiveFile } = await import("./live-file.ts");
  return new LiveFile({ ...sources, file }, config, warnings);
}

/**
 * Aborted by the first SIGINT or SIGTERM, or when the terminal goes away (SIGHUP); a second one ends the process at
 * once, with the shell's exit code. With a config file, SIGHUP makes it be read again.
 */
function stopSignal(file?: LiveFile): AbortSignal {
  const stop = new AbortController();
  // Each process to trace listens more than once; Node would take six of them for a leak.
  setMaxListeners(0, stop.signal);
  for (const [signal, number] of [
    ["SIGHUP", 1],
    ["SIGINT", 2],
    ["SIGTERM", 15],
  ] as const) {
    process.on(signal, () => {
      if (signal === "SIGHUP" && file?.reloadAtHangup()) return;
      if (stop.signal.aborted) process.exit(128 + number);
      stop.abort();
    });
  }
  return stop.signal;
}

function report(error: unknown): ExitCode {
  if (error instanceof UserError) {
    log.error(explain(error.explanation));
    return error.exitCode;
  }
  // Waiting for a target was stopped by the user: a clean end.
  if (error instanceof Error && error.name === "AbortError") return ExitCode.ok;
  log.error(error instanceof Error ? (verbose && error.stack) || error.message : String(error));
  return ExitCode.failure;
}

for (const event of ["uncaughtException", "unhandledRejection"] as const)
  process.on(event, (error) => process.exit(report(error)));

main(process.argv.slice(2))
  .catch(report)
  .then((code) => process.exit(code));
