/** https://fishshell.com/docs/current/completions.html */
import type { CommandWords, Flag, Values } from "./model.ts";

export function fishCompletion(commands: readonly CommandWords[]): string {
  const names = commands.map(({ name }) => name).filter(Boolean);
  const lines = commands.flatMap((command) => linesOf(command, names));
  return `# fish completion of otel-go-auto: otel-go-auto completion fish | source
complete -c otel-go-auto -f
# What is behind "--" is another command.
complete -c otel-go-auto -n 'contains -- -- (commandline -opc)' -a '(complete -C (string replace -r "^.*? -- " "" -- (commandline -cp)))'
${lines.join("\n")}`;
}

function linesOf({ name, description, flags, values }: CommandWords, names: readonly string[]): string[] {
  const here = name
    ? `__fish_seen_subcommand_from ${name}`
    : `not __fish_seen_subcommand_from ${names.join(" ")}`;
  const start = `complete -c otel-go-auto -n '${here}'`;
  const own = flags.map((flag) => `${start} ${flagWords(flag)}`);
  if (name)
    own.unshift(`complete -c otel-go-auto -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`);
  if (values !== undefined) own.push(`${start} ${valueWords(values)}`);
  return own;
}

function flagWords({ name, description, values }: Flag): string {
  const flag = `-l ${name.slice(2)} -d ${quoted(description)}`;
  return values === undefined ? flag : `${flag} -r ${valueWords(values)}`;
}

function valueWords(values: Values): string {
  if (values === "file") return "-F";
  if (values === "process") return "-f -a '(__fish_complete_pids)'";
  return Array.isArray(values) ? `-f -a ${quoted(values.join(" "))}` : "-f";
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
