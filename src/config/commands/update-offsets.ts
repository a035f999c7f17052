import type { Command } from "commander";
import { commandHelp } from "../help.ts";
import { refuseFlagsBefore, subcommand } from "./command.ts";
import { flagTexts, type Options, withConfig, withLogLevel } from "./flags.ts";
import type { Found } from "./line.ts";

export function addUpdateOffsets(program: Command, found: Found): void {
  const update = subcommand(program, "update-offsets")
    .description("Fetches a newer offsets.json, checks it, and puts it in place of the old one.")
    .option("--from <source>", "URL, file, or folder that holds offsets.json and its checksum")
    .option("--schedule <cron>", "go on, and do it again whenever this cron expression says, in UTC");
  withLogLevel(withConfig(update)).addHelpText("after", commandHelp.updateOffsets);
  update.action((options: Options) => {
    refuseFlagsBefore(program, update);
    found({ command: "update-offsets", flags: flagTexts(options) });
  });
}
