/** The command `inspect`: what would be traced in a program, without touching it. */
import { openGoBinary } from "./binary/index.ts";
import type { GoBinary } from "./binary/types.ts";
import type { CommandLine } from "./config/command-line.ts";
import { type Environment, readSome } from "./config/read.ts";
import { libraries } from "./generated/registry.ts";
import { loadOffsets } from "./offsets/store.ts";
import { planLibraries } from "./plan/plan.ts";
import { colorsFor } from "./report/colors.ts";
import { ExitCode } from "./report/exit-code.ts";
import { inspection } from "./report/inspection.ts";
import { setLogLevel } from "./report/log.ts";
import { print } from "./report/output.ts";
import { executableMappings, loadBias } from "./target/mappings.ts";
import { openTarget } from "./target/open.ts";
import type { Target } from "./target/target.ts";

type InspectLine = Extract<CommandLine, { readonly command: "inspect" }>;

/** Prints the plan for a file or a process. Throws UserErrors. */
export async function inspect(line: InspectLine, environment: Environment): Promise<ExitCode> {
  const said = readSome(["pids", "logLevel", "disabledLibraries"], line.flags, environment);
  setLogLevel(said.logLevel ?? "warn");
  const target =
    line.file === undefined && said.pids?.[0] !== undefined ? openTarget(said.pids[0]) : undefined;
  const binary = openGoBinary(target?.exeLink ?? line.file ?? "", target?.exePath ?? line.file ?? "");
  try {
    const bias = target && biasOf(target, binary);
    const plans = planLibraries(binary, libraries, {
      disabled: said.disabledLibraries ?? [],
      loadBias: bias ?? 0,
      offsets: loadOffsets,
    });
    const process = target && { pid: target.pid, loadBias: bias };
    await print(
      inspection(
        { binary, plans, ...(process && { process }) },
        line.json,
        colorsFor(globalThis.process.stdout),
      ),
    );
    return plans.some(({ status }) => status === "attach") ? ExitCode.ok : ExitCode.nothingToInstrument;
  } finally {
    binary.close();
  }
}

function biasOf(target: Target, binary: GoBinary): number | undefined {
  return loadBias(executableMappings(target), binary.segments);
}
