import type { Command } from "commander";
import { commandHelp } from "../help.ts";
import { refuseFlagsBefore, subcommand } from "./command.ts";
import { addTracingFlags, flagTexts, type Options, withPid } from "./flags.ts";
import type { Found } from "./line.ts";

export function addDoctor(program: Command, found: Found): void {
  const doctor = subcommand(program, "doctor").description(
    "Says whether tracing would work here, and what to do where it would not. Attaches nothing.",
  );
  addTracingFlags(withPid(doctor, "a process that would be traced; may be given several times"))
    .option("--json", "as JSON")
    .addHelpText("after", commandHelp.doctor);
  doctor.action((options: Options) => {
    refuseFlagsBefore(program, doctor);
    found({ command: "doctor", flags: flagTexts(options), json: options.json ?? false });
  });
}
