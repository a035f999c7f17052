/** https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html */
import type { CommandWords, Flag, Values } from "./model.ts";

export function bashCompletion(commands: readonly CommandWords[]): string {
  const [agent, ...others] = commands;
  return `# bash completion of otel-go-auto: source <(otel-go-auto completion bash)
_otel_go_auto() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command= words= i
  COMPREPLY=()
  # bash takes "--flag=value" for three words.
  if [ "$word" = "=" ]; then word=
  elif [ "$before" = "=" ]; then before=\${COMP_WORDS[COMP_CWORD-2]}; fi
  # What is behind "--" is another command.
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [ "\${COMP_WORDS[i]}" = "--" ]; then
      compopt -o default
      if ((i + 1 == COMP_CWORD)); then COMPREPLY=($(compgen -c -- "$word")); fi
      return
    fi
  done
  if ((COMP_CWORD > 1)); then command=\${COMP_WORDS[1]}; fi
  case $before in
${flagsWithValue(commands).map(flagCase).join("\n")}
  esac
  case $command in
${others.map(commandCase).join("\n")}
    *)
      words="${flagNames(agent)}"
      if ((COMP_CWORD == 1)); then words+=" ${others.map(({ name }) => name).join(" ")}"; fi ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _otel_go_auto otel-go-auto`;
}

function flagNames(command: CommandWords | undefined): string {
  return (command?.flags ?? []).map(({ name }) => name).join(" ");
}

/** One of the same name means the same everywhere. */
function flagsWithValue(commands: readonly CommandWords[]): readonly Flag[] {
  const flags = commands.flatMap((command) => command.flags).filter(({ values }) => values !== undefined);
  return [...new Map(flags.map((flag) => [flag.name, flag])).values()];
}

function flagCase({ name, values = "anything" }: Flag): string {
  return `    ${name}) ${candidates(values)}return ;;`;
}

function candidates(values: Values): string {
  if (values === "anything") return "";
  if (values === "file") return "compopt -o default; ";
  const words = values === "process" ? "$(cd /proc && echo [0-9]*)" : values.join(" ");
  return `COMPREPLY=($(compgen -W "${words}" -- "$word")); `;
}

function commandCase(command: CommandWords): string {
  const { name, values } = command;
  const more = Array.isArray(values) ? ` ${values.join(" ")}` : "";
  const files = values === "file" ? "\n      compopt -o default" : "";
  return `    ${name})
      words="${flagNames(command)}${more}"${files} ;;`;
}
