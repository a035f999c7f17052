import type { Command } from "commander";
import { logLevels } from "../../report/log.ts";
import { otlpProtocols } from "../config.ts";
import type { Flags } from "../read.ts";

/** What commander makes of the flags of all commands. */
export interface Options {
  pid?: string[];
  serviceName?: string;
  endpoint?: string;
  protocol?: string;
  console?: true;
  verbose?: true;
  logLevel?: string;
  disable?: string;
  dryRun?: true;
  supportedVersions?: true;
  json?: true;
  statusAddress?: string;
  from?: string;
  schedule?: string;
  config?: string;
  functions?: string;
}

/** Flags of all commands that trace, whatever their target is. */
export function addTracingFlags(command: Command): Command {
  return withLogLevel(
    withDisable(
      withConfig(command)
        .option("--service-name <name>", "service.name of the spans; default is the executable's name")
        .option("--endpoint <url>", "where OTLP goes; default is http://localhost:4318")
        .option(
          "--protocol <protocol>",
          `${otlpProtocols.join(", ")}; default is http/protobuf, grpc for port 4317`,
        )
        .option("--console", "draw each trace in this terminal instead of sending it"),
    )
      .option("--status-address <address>", "HOST:PORT or :PORT for /healthz, /readyz and /metrics")
      .option("--verbose", "the same as --log-level debug"),
  );
}

export function withPid(command: Command, help: string): Command {
  return command.option("--pid <pid>", help, (pid: string, before: string[] = []) => [...before, pid]);
}

export function withDisable(command: Command): Command {
  return command.option(
    "--disable <libraries>",
    "comma-separated import paths, or their last parts, that are left alone",
  );
}

export function withConfig(command: Command): Command {
  return command.option("--config <file>", "YAML file that says what no flag or variable does");
}

export function withLogLevel(command: Command): Command {
  return command.option("--log-level <level>", logLevels.join(", "));
}

/** Their texts, as the table of settings takes them. */
export function flagTexts(options: Options): Flags {
  return {
    "--pid": options.pid?.join(","),
    "--service-name": options.serviceName,
    "--endpoint": options.endpoint,
    "--protocol": options.protocol,
    "--console": options.console && "console",
    "--log-level": options.logLevel ?? (options.verbose && "debug"),
    "--disable": options.disable,
    "--status-address": options.statusAddress,
    "--from": options.from,
    "--schedule": options.schedule,
    "--config": options.config,
  };
}
