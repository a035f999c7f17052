import type { Setting } from "./setting.ts";
import { settings } from "./settings.ts";

/** What stands below the flags in the main command's help. */
export function variablesHelp(): string {
  const names = Object.values<Setting>(settings).flatMap(({ variables }) => variables);
  const folded = names.map((name) => name.replace(/_OTLP_((TRACES|METRICS)_)?/, "_OTLP_[TRACES_|METRICS_]"));
  const lines = [...new Set(folded)].map((name) => `  ${name}`);
  return ["", "Environment variables (a flag beats its variable):", ...lines].join("\n");
}

/** What stands below the flags of a command. */
export const commandHelp = {
  run: `
The program gets this command's environment, working directory, stdin, stdout, stderr and
signals, and its exit code is this command's (128 and the signal's number when one ended it),
also where it can't be traced: then that is said, and it runs all the same. When it is a script
or another wrapper, the Go programs that it starts are traced. The variables are those of
otel-go-auto --help.

Exit codes before the program runs: 2 usage, 3 no such command, 4 it may not be executed.

  otel-go-auto run -- ./app -listen :8080
  otel-go-auto run --service-name shop --console -- ./start.sh`,
  inspect: `
For each library: whether it would be attached, else why not; the instruction that each
probe would sit on; and each field's offset with its source, which is the first of
  DWARF                  what the compiler wrote for debuggers
  runtime types          what Go's runtime keeps in every binary, stripped or not
  offsets.json           the table for this very version
  nearest older version  the table for an older one: a guess, marked with "!"

Exit codes: 0 something would be traced, 6 nothing would, 3 no such file or process,
4 no permission to read it, 2 usage.

  otel-go-auto inspect /app/server
  otel-go-auto inspect --pid 4711 --json
  otel-go-auto inspect /app/server --functions 'main.*'`,
  doctor: `
Looks at kernel, rights, limits, this process's place, the targets and the endpoint, to which
it sends an empty request. The flags and variables are the agent's; a target is not needed.

Exit codes: 0 tracing would work; else what the agent would end with: 3 no such target,
4 no permission, 5 the kernel can't, 6 nothing to instrument; 1 the endpoint takes nothing;
2 usage.

  otel-go-auto doctor
  otel-go-auto doctor --pid 4711 --endpoint collector:4317 --json`,
  updateOffsets: `
The source is the URL of an offsets.json, or a file or folder, with its checksum beside it in
offsets.json.sha256. There is no default. A running agent takes the file at its next attach.
The same settings as variables, which the agent knows too:
  OTEL_GO_AUTO_OFFSETS_FROM, OTEL_GO_AUTO_OFFSETS_SCHEDULE
  OTEL_GO_AUTO_OFFSETS_FILE   where updates are kept

Exit codes: 0 updated or up to date, 1 the source is bad or can't be reached, 2 usage,
4 no permission.

  otel-go-auto update-offsets --from https://mirror.example/offsets.json
  otel-go-auto update-offsets --from /mnt/offsets --schedule "0 3 * * *"`,
  completion: `
  bash  source <(otel-go-auto completion bash)       in ~/.bashrc
  zsh   source <(otel-go-auto completion zsh)        in ~/.zshrc, behind compinit
  fish  otel-go-auto completion fish | source        in ~/.config/fish/config.fish`,
};
