import * as report from "../report/config.ts";
import { type Config, type LiveSettings, type Propagator, propagators } from "./config.ts";
import { type FileSettings, placeIn } from "./file-settings.ts";
import { offsetsOptions } from "./offsets.ts";
import { metricsOptions, tracesOtlp } from "./otlp.ts";
import { type Environment, type Flags, find, read, readSettings, type Sources } from "./read.ts";
import { maxSamplingRules } from "./sampling-rules.ts";
import { type Said, settings } from "./settings.ts";
import { ratio } from "./values.ts";

export interface LoadOptions {
  readonly file?: FileSettings | undefined;
  /** False: there need not be one. */
  readonly needsTarget?: boolean;
  /** True: the agent itself starts what it traces; other targets are not looked at. */
  readonly startsTarget?: boolean;
}

/**
 * Flags, environment and file → the validated, frozen configuration, and the warnings that belong to it.
 * @throws UserError (usage) for the first value or combination that is not valid
 */
export function loadConfig(
  flags: Flags,
  environment: Environment,
  { file, needsTarget = true, startsTarget = false }: LoadOptions = {},
): { config: Config; warnings: readonly string[] } {
  const sources: Sources = { flags, environment, file };
  const said = readSettings(sources);
  const warnings: string[] = [];
  const config: Config = {
    file: file?.path,
    targets: startsTarget ? noTargets(said, sources, warnings) : targets(said, sources, needsTarget),
    service: service(said),
    exporter: said.exporter ?? "otlp",
    otlp: tracesOtlp(said, warnings),
    metrics: metricsOptions(said, warnings),
    requestMetrics: wantsRequestMetrics(said),
    statusAddress: said.statusAddress,
    live: live(said, sources, warnings),
    propagators: knownPropagators(said, sources, warnings),
    batch: batch(said, sources),
    attributeLimits: {
      count: said.attributeCountLimit ?? usualAttributeCount,
      valueLength: said.attributeValueLengthLimit,
    },
    applicationSpans: said.applicationSpans ?? true,
    enabled: (said.instrumentationEnabled ?? true) && !(said.sdkDisabled ?? false),
    semconv: semconv(said, sources, warnings),
    database: {
      includeStatement: said.includeDbStatement ?? false,
      parseStatement: said.parseDbStatement ?? true,
    },
    startReport: startReport(said),
    showVerifierLog: said.showVerifierLog ?? false,
    offsets: offsetsOptions(said, environment),
  };
  return { config: deepFreeze(config), warnings };
}

/** stdout has room for one of the two. */
function startReport({ startReport, exporter }: Said): Config["startReport"] {
  if (startReport !== undefined && exporter === "console") throw report.twoOnStdout();
  return startReport;
}

/** As the specification has it. */
const usualAttributeCount = 128;

/** Whoever scrapes wants them too, unless it was said that nobody does. */
function wantsRequestMetrics({ metricsExporter, statusAddress }: Said): boolean {
  return metricsExporter === undefined ? statusAddress !== undefined : metricsExporter === "otlp";
}

function live(said: Said, sources: Sources, warnings: string[]): LiveSettings {
  return {
    sampler: sampler(said, sources, warnings),
    samplingRules: pathRules(said),
    functionRules: said.functionRules ?? [],
    disabledLibraries: said.disabledLibraries ?? [],
    capturedHeaders: {
      serverRequest: said.serverRequestHeaders ?? [],
      serverResponse: said.serverResponseHeaders ?? [],
      clientRequest: said.clientRequestHeaders ?? [],
      clientResponse: said.clientResponseHeaders ?? [],
    },
    logEvents: said.logEvents ?? false,
    goroutines: said.goroutines ?? "off",
    logLevel: said.logLevel ?? "info",
  };
}

function targets({ pids, exe }: Said, sources: Sources, needed: boolean): Config["targets"] {
  if (pids && exe) throw report.twoTargets(nameOf("pids", sources), nameOf("exe", sources));
  if (needed && !pids && !exe) throw report.noTarget();
  return { pids: pids ?? [], exe };
}

function noTargets({ pids, exe }: Said, sources: Sources, warnings: string[]): Config["targets"] {
  if (pids) warnings.push(report.configWarning.targetIgnored(nameOf("pids", sources)));
  if (exe) warnings.push(report.configWarning.targetIgnored(nameOf("exe", sources)));
  return { pids: [], exe: undefined };
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

/** In the file, a ratio alone says what it is for. */
function sampler({ sampler: said }: Said, sources: Sources, warnings: string[]): LiveSettings["sampler"] {
  const argument = find(settings.samplerArgument, sources);
  const kind = said ?? (argument?.from === "file" ? "parentbased_traceidratio" : "parentbased_always_on");
  // Its meaning depends on the sampler, so it is not checked in the table of settings.
  if (kind.endsWith("traceidratio"))
    return { kind, ratio: read({ ...settings.samplerArgument, parse: ratio }, sources) ?? 1 };
  if (argument)
    warnings.push(report.configWarning.samplerArgumentUnused(nameOf("samplerArgument", sources), kind));
  return { kind, ratio: 1 };
}

/** Paths that are left out come before those with a share. */
function pathRules({ excludedPaths = [], samplingRules = [] }: Said): LiveSettings["samplingRules"] {
  const rules = [...excludedPaths.map((path) => ({ path, ratio: 0 })), ...samplingRules];
  if (rules.length > maxSamplingRules) throw report.tooManySamplingRules(rules.length, maxSamplingRules);
  return rules;
}

/** Names that the specification knows beyond the supported ones. */
const otherPropagators = ["jaeger", "xray", "ottrace"];

/** As the specification has it. */
const usualPropagators: readonly Propagator[] = ["tracecontext", "baggage"];

function knownPropagators(said: Said, sources: Sources, warnings: string[]): readonly Propagator[] {
  const wanted = (said.propagators ?? usualPropagators).map((name) => name.toLowerCase());
  const source = nameOf("propagators", sources);
  for (const name of wanted) {
    if (otherPropagators.includes(name))
      warnings.push(report.configWarning.propagatorNotSupported(source, name));
    else if (name !== "none" && !propagators.some((known) => known === name))
      warnings.push(report.configWarning.propagatorUnknown(source, name));
  }
  return propagators.filter((name) => wanted.includes(name));
}

function batch(said: Said, sources: Sources): Config["batch"] {
  const { maxQueueSize, maxExportBatchSize, scheduleDelayMs, exportTimeoutMs } = said;
  if (maxQueueSize && maxExportBatchSize && maxExportBatchSize > maxQueueSize)
    throw report.batchAboveQueue(
      `${nameOf("maxExportBatchSize", sources)} (${maxExportBatchSize})`,
      `${nameOf("maxQueueSize", sources)} (${maxQueueSize})`,
    );
  return { maxQueueSize, maxExportBatchSize, scheduleDelayMs, exportTimeoutMs };
}

/** Stable names alone ("http") are what is written anyway. The variable is shared with SDKs that know more words. */
const stableAlone = ["http", "database", "rpc"];

function semconv(said: Said, sources: Sources, warnings: string[]): Config["semconv"] {
  const wanted = (said.semconv ?? []).map((name) => name.toLowerCase());
  for (const name of wanted)
    if (!stableAlone.includes(name.replace(/\/dup$/, "")))
      warnings.push(report.configWarning.semconvUnknown(nameOf("semconv", sources), name));
  const has = (area: string) => wanted.includes(`${area}/dup`);
  return { httpDup: has("http"), databaseDup: has("database"), rpcDup: has("rpc") };
}

/** How the user has said it: by which flag or variable, or where in the file. */
function nameOf(name: keyof Said, sources: Sources): string {
  const found = find(settings[name], sources);
  return found?.from === "file" ? placeIn(sources.file, found, found.source) : (found?.source ?? name);
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
