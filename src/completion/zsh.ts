/** https://zsh.sourceforge.io/Doc/Release/Completion-System.html, _arguments */
import type { CommandWords, Flag, Values } from "./model.ts";

export function zshCompletion(commands: readonly CommandWords[]): string {
  const [agent, ...others] = commands;
  const names = others.map(({ name, description }) => `${name}\\:${quoted(colons(description))}`).join(" ");
  return `#compdef otel-go-auto
# zsh completion of otel-go-auto: source <(otel-go-auto completion zsh), or a file _otel-go-auto in $fpath
_otel_go_auto() {
  local command= behind=\${words[(i)--]}
  # What is behind "--" is another command.
  if (( behind < CURRENT )); then
    shift $behind words; (( CURRENT -= behind )); _normal
    return
  fi
  if (( CURRENT > 2 )); then command=\${words[2]}; fi
  case $command in
${others.map(commandCase).join("\n")}
    *)
      _arguments \\
        ${[...(agent?.flags ?? []).map(specification), `'1:command:((${names}))'`].join(" \\\n        ")} ;;
  esac
}
if [ "\${funcstack[1]}" = "_otel-go-auto" ]; then _otel_go_auto "$@"; else compdef _otel_go_auto otel-go-auto; fi`;
}

function commandCase({ name, flags, values }: CommandWords): string {
  const rest = values === undefined ? [] : [`'1:value:${action(values)}'`];
  return `    ${name})
      words=("\${(@)words[2,-1]}"); (( CURRENT-- ))
      _arguments \\
        ${[...flags.map(specification), ...rest].join(" \\\n        ")} ;;`;
}

/** "*" as --pid may be given several times. */
function specification({ name, description, values }: Flag): string {
  const text = quoted(description.replace(/[[\]]/g, "\\$&"));
  const several = values === "process" ? "*" : "";
  return values === undefined
    ? `'${name}[${text}]'`
    : `'${several}${name}=[${text}]:value:${action(values)}'`;
}

function action(values: Values): string {
  if (values === "file") return "_files";
  if (values === "process") return "_pids";
  return Array.isArray(values) ? `(${values.join(" ")})` : "";
}

/** Inside of single quotes. */
function quoted(text: string): string {
  return text.replaceAll("'", "'\\''");
}

function colons(text: string): string {
  return text.replace(/[:\\ ()']/g, "\\$&");
}
