/** The command `doctor`: would tracing work here, and if not, what to do? It attaches nothing. */
import type { CommandLine } from "../config/commands/line.ts";
import { loadConfig } from "../config/load.ts";
import type { Sources } from "../config/read.ts";
import { unknownLibraries } from "../disabled-names.ts";
import { colorsFor } from "../report/colors.ts";
import { type CheckGroup, doctorReport, verdict } from "../report/doctor.ts";
import type { ExitCode } from "../report/exit-code.ts";
import { log, setLogLevel } from "../report/log.ts";
import { print } from "../report/output.ts";
import { lookAtEndpoints } from "./endpoint.ts";
import { lookAtKernel } from "./kernel.ts";
import { lookAtLimits } from "./limits.ts";
import { lookAtPlace } from "./place.ts";
import { lookAtRights } from "./rights.ts";
import { lookAtTargets } from "./targets.ts";

type DoctorLine = Extract<CommandLine, { readonly command: "doctor" }>;

/**
 * Prints all checks.
 * @returns ok when tracing would work, else what a run would end with, or failure when only the endpoint is wrong
 * @throws UserError (usage) for a value that is not valid
 */
export async function doctor(line: DoctorLine, { flags, environment, file }: Sources): Promise<ExitCode> {
  const { config, warnings } = loadConfig(flags, environment, { file, needsTarget: false });
  setLogLevel(config.live.logLevel);
  for (const warning of [...warnings, ...unknownLibraries(config.live)]) log.warn(warning);
  const endpoints = lookAtEndpoints(config);
  const { checks, features } = lookAtKernel();
  const groups: readonly CheckGroup[] = [
    { name: "kernel", checks },
    { name: "rights", checks: lookAtRights(features !== undefined) },
    { name: "limits", checks: lookAtLimits() },
    { name: "place", checks: lookAtPlace() },
    ...lookAtTargets(config, features),
    { name: "endpoint", checks: await endpoints },
  ];
  await print(doctorReport(groups, line.json, colorsFor(process.stdout)));
  return verdict(groups);
}
