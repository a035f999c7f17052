import * as report from "../report/config.ts";
import { type Config, type LiveSettings, type Propagator, propagators } from "./config.ts";
import { offsetsOptions } from "./offsets.ts";
import { metricsOptions, tracesOtlp } from "./otlp.ts";
import { type Environment, type Flags, readSettings } from "./read.ts";
import type { Said } from "./settings.ts";
import { InvalidValue, ratio } from "./values.ts";

/**
 * Flags and environment → the validated, frozen configuration, and the warnings that belong to it.
 * @param needsTarget false: there need not be one
 * @throws UserError (usage) for the first value or combination that is not valid
 */
export function loadConfig(
  flags: Flags,
  environment: Environment,
  needsTarget = true,
): { config: Config; warnings: readonly string[] } {
  const said = readSettings(flags, environment);
  const warnings: string[] = [];
  const config: Config = {
    targets: targets(said, flags, needsTarget),
    service: service(said),
    exporter: said.exporter ?? "otlp",
    otlp: tracesOtlp(said, warnings),
    metrics: metricsOptions(said, warnings),
    live: live(said, warnings),
    propagators: knownPropagators(said, warnings),
    batch: batch(said),
    attributeLimits: {
      count: said.attributeCountLimit ?? usualAttributeCount,
      valueLength: said.attributeValueLengthLimit,
    },
    enabled: (said.instrumentationEnabled ?? true) && !(said.sdkDisabled ?? false),
    semconv: semconv(said, warnings),
    database: {
      includeStatement: said.includeDbStatement ?? false,
      parseStatement: said.parseDbStatement ?? true,
    },
    showVerifierLog: said.showVerifierLog ?? false,
    offsets: offsetsOptions(said, environment),
  };
  return { config: deepFreeze(config), warnings };
}

/** As the specification has it. */
const usualAttributeCount = 128;

function live(said: Said, warnings: string[]): LiveSettings {
  return {
    sampler: sampler(said, warnings),
    samplingRules: [],
    disabledLibraries: said.disabledLibraries ?? [],
    capturedHeaders: {
      serverRequest: said.serverRequestHeaders ?? [],
      serverResponse: said.serverResponseHeaders ?? [],
      clientRequest: said.clientRequestHeaders ?? [],
      clientResponse: said.clientResponseHeaders ?? [],
    },
    logLevel: said.logLevel ?? "info",
  };
}

function targets({ pids, exe }: Said, flags: Flags, needed: boolean): Config["targets"] {
  if (pids && exe)
    throw report.twoTargets(flags["--pid"] === undefined ? "OTEL_GO_AUTO_TARGET_PID" : "--pid");
  if (needed && !pids && !exe) throw report.noTarget();
  return { pids: pids ?? [], exe };
}

/** The variables of their own beat the same attributes in OTEL_RESOURCE_ATTRIBUTES. */
function service(said: Said): Config["service"] {
  const attributes = said.resourceAttributes ?? {};
  return {
    name: said.serviceName ?? attributes["service.name"],
    version: said.serviceVersion ?? attributes["service.version"],
    environment: said.environment ?? attributes["deployment.environment.name"],
    resourceAttributes: attributes,
  };
}

function sampler(
  { sampler: kind = "parentbased_always_on", samplerArgument }: Said,
  warnings: string[],
): LiveSettings["sampler"] {
  if (kind.endsWith("traceidratio")) return { kind, ratio: samplerRatio(samplerArgument) };
  if (samplerArgument !== undefined) warnings.push(report.configWarning.samplerArgumentUnused(kind));
  return { kind, ratio: 1 };
}

/** Its meaning depends on the sampler, so it is not checked in the table of settings. */
function samplerRatio(argument: string | undefined): number {
  if (argument === undefined) return 1;
  try {
    return ratio(argument);
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    throw report.badValue("OTEL_TRACES_SAMPLER_ARG", argument, error.valid);
  }
}

/** Names that the specification knows beyond the supported ones. */
const otherPropagators = ["jaeger", "xray", "ottrace"];

/** As the specification has it. */
const usualPropagators: readonly Propagator[] = ["tracecontext", "baggage"];

function knownPropagators(said: Said, warnings: string[]): readonly Propagator[] {
  const wanted = (said.propagators ?? usualPropagators).map((name) => name.toLowerCase());
  for (const name of wanted) {
    if (otherPropagators.includes(name)) warnings.push(report.configWarning.propagatorNotSupported(name));
    else if (name !== "none" && !propagators.some((known) => known === name))
      warnings.push(report.configWarning.propagatorUnknown(name));
  }
  return propagators.filter((name) => wanted.includes(name));
}

function batch(said: Said): Config["batch"] {
  const { maxQueueSize, maxExportBatchSize, scheduleDelayMs, exportTimeoutMs } = said;
  if (maxQueueSize && maxExportBatchSize && maxExportBatchSize > maxQueueSize)
    throw report.batchAboveQueue(maxExportBatchSize, maxQueueSize);
  return { maxQueueSize, maxExportBatchSize, scheduleDelayMs, exportTimeoutMs };
}

/** Stable names alone ("http") are what is written anyway. The variable is shared with SDKs that know more words. */
const stableAlone = ["http", "database", "rpc"];

function semconv(said: Said, warnings: string[]): Config["semconv"] {
  const wanted = (said.semconv ?? []).map((name) => name.toLowerCase());
  for (const name of wanted)
    if (!stableAlone.includes(name.replace(/\/dup$/, "")))
      warnings.push(report.configWarning.semconvUnknown(name));
  const has = (area: string) => wanted.includes(`${area}/dup`);
  return { httpDup: has("http"), databaseDup: has("database"), rpcDup: has("rpc") };
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
