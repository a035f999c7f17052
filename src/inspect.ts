/** The command `inspect`: what would be traced in a program, without touching it and without any rights. */
import { openGoBinary } from "./binary/index.ts";
import { openRunning } from "./binary/running.ts";
import type { GoBinary } from "./binary/types.ts";
import type { CommandLine } from "./config/command-line.ts";
import { offsetsFile } from "./config/offsets.ts";
import { readSome, type Sources } from "./config/read.ts";
import { libraries } from "./generated/registry.ts";
import { loadOffsets } from "./offsets/store.ts";
import { planLibraries } from "./plan/plan.ts";
import { colorsFor } from "./report/colors.ts";
import { oneProgram } from "./report/config.ts";
import { ExitCode } from "./report/exit-code.ts";
import { type Inspected, inspection } from "./report/inspection.ts";
import { setLogLevel } from "./report/log.ts";
import { print } from "./report/output.ts";
import { executableMappings, loadBias } from "./target/mappings.ts";
import { openTarget } from "./target/open.ts";
import type { Target } from "./target/target.ts";

type InspectLine = Extract<CommandLine, { readonly command: "inspect" }>;

export interface InspectOptions {
  /** Libraries that are left alone, as the user wrote them. */
  readonly disabled: readonly string[];
  /** Path of the updated offsets.json, which need not be there. */
  readonly offsetsFile: string;
  readonly json: boolean;
}

/** Prints the plan for a file or a process. Throws UserErrors. */
export async function inspect(line: InspectLine, sources: Sources): Promise<ExitCode> {
  const said = readSome(["pids", "logLevel", "disabledLibraries", "offsetsFile"], sources);
  setLogLevel(said.logLevel ?? "warn");
  const options = {
    disabled: said.disabledLibraries ?? [],
    offsetsFile: offsetsFile(said.offsetsFile, sources.environment),
    json: line.json,
  };
  if (line.file !== undefined) return await inspectFile(line.file, options);
  const [pid, ...others] = said.pids ?? [];
  if (pid === undefined || others.length > 0) throw oneProgram("several processes");
  return await inspectTarget(openTarget(pid), options);
}

async function inspectFile(path: string, options: InspectOptions): Promise<ExitCode> {
  const binary = openGoBinary(path);
  try {
    return await show(binary, options);
  } finally {
    binary.close();
  }
}

/** Prints the plan for a process. `check` may refuse its program behind that. Throws UserErrors. */
export async function inspectTarget(
  target: Target,
  options: InspectOptions,
  check: (binary: GoBinary) => void = () => {},
): Promise<ExitCode> {
  const { pid, exePath } = target;
  const binary = openRunning(target);
  try {
    const code = await show(binary, options, {
      pid,
      exePath,
      loadBias: loadBias(executableMappings(target), binary.segments),
    });
    check(binary);
    return code;
  } finally {
    binary.close();
  }
}

async function show(
  binary: GoBinary,
  { disabled, offsetsFile, json }: InspectOptions,
  process?: Inspected["process"],
): Promise<ExitCode> {
  const bias = process?.loadBias ?? 0;
  const plans = planLibraries(binary, libraries, {
    disabled,
    loadBias: bias,
    offsets: () => loadOffsets(offsetsFile),
  });
  await print(inspection({ binary, plans, process }, json, colorsFor(globalThis.process.stdout)));
  return plans.some(({ status, library: { toSpan } }) => status === "attach" && toSpan)
    ? ExitCode.ok
    : ExitCode.nothingToInstrument;
}
