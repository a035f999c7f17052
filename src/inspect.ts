/** The command `inspect`: what would be traced in a program, without touching it and without any rights. */
import { resolve } from "node:path";
import { openGoBinary } from "./binary/index.ts";
import { openRunning } from "./binary/running.ts";
import type { GoBinary } from "./binary/types.ts";
import type { CommandLine } from "./config/commands/line.ts";
import { offsetsFile } from "./config/offsets.ts";
import { readSome, type Sources } from "./config/read.ts";
import type { Rule } from "./config/rules/rule.ts";
import { unknownLibraries } from "./disabled-names.ts";
import { libraries } from "./generated/registry.ts";
import { loadOffsets } from "./offsets/store.ts";
import { goidGenerator } from "./plan/goid-generator.ts";
import { planLibraries } from "./plan/plan.ts";
import { candidates } from "./plan/rules/candidates.ts";
import { type RuleOutcome, ruleOutcomes } from "./plan/rules/outcomes.ts";
import type { LibraryPlan } from "./plan/types.ts";
import { colorsFor } from "./report/colors.ts";
import { oneProgram } from "./report/config.ts";
import { ExitCode } from "./report/exit-code.ts";
import { functionList } from "./report/functions.ts";
import { type Inspected, inspection } from "./report/inspection.ts";
import { log, setLogLevel } from "./report/log.ts";
import { print } from "./report/output.ts";
import type { TierReports } from "./report/start-report.ts";
import { enabledOnly, type Wishes } from "./session/enabled.ts";
import { makesSpans } from "./session/makes-spans.ts";
import { executableMappings, loadBias } from "./target/mappings.ts";
import { openTarget } from "./target/open.ts";
import type { Target } from "./target/target.ts";

type InspectLine = Extract<CommandLine, { readonly command: "inspect" }>;

export interface InspectOptions extends Wishes {
  /** Path of the updated offsets.json, which need not be there. */
  readonly offsetsFile: string;
  /** For functions: what would become of them is said. */
  readonly rules: readonly Rule[];
  readonly json: boolean;
}

/** Prints the plan for a file or a process. Throws UserErrors. */
export async function inspect(line: InspectLine, sources: Sources): Promise<ExitCode> {
  const said = readSome(
    ["pids", "logLevel", "disabledLibraries", "logEvents", "offsetsFile", "functionRules"],
    sources,
  );
  setLogLevel(said.logLevel ?? "warn");
  for (const warning of unknownLibraries({ disabledLibraries: said.disabledLibraries ?? [] }))
    log.warn(warning);
  const options = {
    disabledLibraries: said.disabledLibraries ?? [],
    logEvents: said.logEvents ?? false,
    offsetsFile: offsetsFile(said.offsetsFile, sources.environment),
    rules: said.functionRules ?? [],
    json: line.json,
  };
  if (line.functions !== undefined) return await listFunctions(line, line.functions, said.pids ?? []);
  if (line.file !== undefined) return await inspectFile(line.file, options);
  const [pid, ...others] = said.pids ?? [];
  if (pid === undefined || others.length > 0) throw oneProgram("several processes");
  return await inspectTarget(openTarget(pid), options);
}

/** Prints the functions that a rule may name so. */
async function listFunctions(
  { file, json }: InspectLine,
  pattern: string,
  [pid, ...others]: readonly number[],
): Promise<ExitCode> {
  if (file === undefined && (pid === undefined || others.length > 0)) throw oneProgram("several processes");
  const binary = file === undefined ? openRunning(openTarget(pid ?? 0)) : openGoBinary(file);
  try {
    await print(functionList(candidates(binary, pattern), json));
    return ExitCode.ok;
  } finally {
    binary.close();
  }
}

async function inspectFile(path: string, options: InspectOptions): Promise<ExitCode> {
  const binary = openGoBinary(path);
  try {
    const rules = outcomesOf(binary, options, resolve(path));
    return await show({ binary, plans: plansOf(binary, options), rules, process: undefined }, options);
  } finally {
    binary.close();
  }
}

/** What else is asked of a process's program. */
interface Hooks {
  /** How trace context would go out. */
  readonly tiers?: (plans: readonly LibraryPlan[]) => TierReports | undefined;
  /** Behind the printing: may refuse it. */
  readonly check?: (binary: GoBinary, plans: readonly LibraryPlan[]) => void;
}

/** Prints the plan for a process. Throws UserErrors. */
export async function inspectTarget(
  target: Target,
  options: InspectOptions,
  { tiers, check }: Hooks = {},
): Promise<ExitCode> {
  const { pid, exePath } = target;
  const binary = openRunning(target);
  try {
    const bias = loadBias(executableMappings(target), binary.segments);
    const plans = plansOf(binary, options, bias);
    const rules = outcomesOf(binary, options, exePath);
    const process = { pid, exePath, loadBias: bias };
    const code = await show({ binary, plans, rules, process, tiers: tiers?.(plans) }, options);
    check?.(binary, plans);
    return code;
  } finally {
    binary.close();
  }
}

function plansOf(binary: GoBinary, options: InspectOptions, loadBias = 0): readonly LibraryPlan[] {
  const { disabledLibraries: disabled, offsetsFile } = options;
  const offsets = () => loadOffsets(offsetsFile);
  return enabledOnly(planLibraries(binary, libraries, { disabled, loadBias, offsets }), options);
}

function outcomesOf(
  binary: GoBinary,
  { rules, offsetsFile }: InspectOptions,
  exePath: string,
): readonly RuleOutcome[] {
  return ruleOutcomes(binary, rules, exePath, { loadBias: 0, offsets: () => loadOffsets(offsetsFile) });
}

/** What is to be shown, but for what is found here. */
type Found = Omit<Inspected, "goidGenerator">;

async function show(found: Found, { json }: InspectOptions): Promise<ExitCode> {
  const inspected = { ...found, goidGenerator: goidGenerator(found.binary) };
  await print(inspection(inspected, json, colorsFor(process.stdout)));
  const isRuled = found.rules.some(({ functions }) => functions.length > 0);
  return isRuled || makesSpans(found.plans) ? ExitCode.ok : ExitCode.nothingToInstrument;
}
