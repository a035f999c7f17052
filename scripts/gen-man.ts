/** Writes the manual page, dist/man/otel-go-auto.1, out of the commands' definitions, the README and docs/configuration.md. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Command } from "commander";
import { commandTree } from "../src/config/command-line.ts";
import { commandHelp } from "../src/config/help.ts";
import { version } from "../src/report/version.ts";

const readme = readFileSync("README.md", "utf8");
const configuration = readFileSync("docs/configuration.md", "utf8");
const program = commandTree();

const page = [
  `.TH OTEL\\-GO\\-AUTO 1 ${date()} "otel\\-go\\-auto ${version}"`,
  // Names of variables are too long to fill lines on both sides, and must not be broken.
  ".ad l\n.nh",
  section("NAME", `otel\\-go\\-auto \\- ${sentence(program.description())}`),
  section("SYNOPSIS", synopsis()),
  section("DESCRIPTION", filled(`${program.description()} ${introduction()}`)),
  section("OPTIONS", options(program)),
  section("COMMANDS", program.commands.map(subsection).join("\n")),
  section(
    "ENVIRONMENT",
    filled(precedence()),
    ".PP",
    filled(below(configuration, "## Every setting").trim().split("\n")[0] ?? ""),
    variables(),
  ),
  section("EXIT STATUS", exitCodes()),
  section("EXAMPLES", verbatim(codeBlock("## Use it"))),
].join("\n");

mkdirSync("dist/man", { recursive: true });
writeFileSync("dist/man/otel-go-auto.1", `${page}\n`);

function section(title: string, ...content: readonly string[]): string {
  return [`.SH ${title}`, ...content].join("\n");
}

function synopsis(): string {
  const lines = [".B otel\\-go\\-auto", "\\-\\-pid \\fIPID\\fR [\\fIflags\\fR]"];
  for (const command of program.commands)
    lines.push(
      ".br",
      `.B otel\\-go\\-auto ${roff(command.name())}`,
      italic(command.usage().replace("[options]", "[flags]")),
    );
  return lines.join("\n");
}

/** The README's paragraph on how it works. */
function introduction(): string {
  return /^It reads the executable.*$/m.exec(readme)?.[0] ?? "";
}

function subsection(command: Command): string {
  const help = Object.entries(commandHelp).find(([name]) => dashed(name) === command.name())?.[1] ?? "";
  return [
    `.SS ${roff(command.name())}`,
    filled(command.description()),
    options(command),
    ".PP",
    verbatim(help.trim()),
  ].join("\n");
}

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function options(command: Command): string {
  return command.options
    .map(({ flags, description }) =>
      tagged(flags.replace(/^\S+/, "**$&**").replace(/<(.+)>/, "*$1*"), description),
    )
    .join("\n");
}

/** Which of flag, variable and file counts: the first paragraph of docs/configuration.md. */
function precedence(): string {
  return /^# Configuration\n\n(.*)$/m.exec(configuration)?.[1]?.replaceAll("**", "") ?? "";
}

/** Out of the table: flag, variable, key in the file, default, meaning. */
function variables(): string {
  const lines = below(configuration, "## Every setting").match(/^\|.*\|$/gm) ?? [];
  return lines
    .slice(2)
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    )
    .filter(([, variable]) => variable !== "")
    .map(([flag, variable = "", key, preset, meaning]) =>
      tagged(
        variable,
        [meaning, also("flag", flag), also("key", key), also("default", preset)].filter(Boolean).join("; "),
      ),
    )
    .join("\n");
}

function also(what: string, text: string | undefined): string {
  return text ? `${what} ${text}` : "";
}

function exitCodes(): string {
  const [list = ""] = below(readme, "### Exit codes").trim().split("\n");
  return list
    .split(" · ")
    .map((item) => tagged(`**${item.slice(0, 1)}**`, item.slice(2)))
    .join("\n");
}

function codeBlock(heading: string): string {
  return /```sh\n([\s\S]*?)```/.exec(below(readme, heading))?.[1]?.trim() ?? "";
}

function below(document: string, heading: string): string {
  const start = document.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`there is no "${heading}"`);
  const text = document.slice(start + heading.length + 2);
  return text.slice(0, text.search(/^#{1,3} /m));
}

function tagged(tag: string, text: string): string {
  return [".TP", marked(tag), text === "" ? "\\&" : filled(text)].join("\n");
}

/** Lines as they stand. */
function verbatim(text: string): string {
  return [".nf", ...text.split("\n").map((one) => guarded(roff(one))), ".fi"].join("\n");
}

/** Lines of at most 80 characters, none of which is taken for a request. */
function filled(text: string): string {
  return marked(text)
    .replace(/(.{1,78})(?: |$)/g, "$1\n")
    .trimEnd()
    .split("\n")
    .map(guarded)
    .join("\n");
}

function guarded(text: string): string {
  return /^[.']/.test(text) ? `\\&${text}` : text;
}

/** Of Markdown: `code`, **bold**, *italic*, [links](…). */
function marked(text: string): string {
  return roff(text.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("\\|", "|"))
    .replace(/\*\*(.+?)\*\*/g, "\\fB$1\\fR")
    .replace(/\*([a-z]+)\*/g, "\\fI$1\\fR")
    .replace(/`(.+?)`/g, "\\fB$1\\fR");
}

function italic(text: string): string {
  return `\\fI${roff(text)}\\fR`;
}

/** man 7 groff_char: a plain "-" is a hyphen, and characters beyond ASCII go by their code. */
function roff(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(
      /[^\x20-\x7e\n]/gu,
      (character) => `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`,
    );
}

/** The day of the build, or what reproducible builds want: https://reproducible-builds.org/specs/source-date-epoch */
function date(): string {
  const { SOURCE_DATE_EPOCH: seconds } = process.env;
  return (seconds ? new Date(Number(seconds) * 1000) : new Date()).toISOString().slice(0, 10);
}

function sentence(text: string): string {
  return roff(text.replace(/\.$/, ""));
}
