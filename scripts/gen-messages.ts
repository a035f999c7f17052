/** docs/messages.md: what the agent and its commands say, out of src/report. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { allMessages, type Message, type MessageGroup } from "./messages.ts";

export const messagesPage = join(import.meta.dirname, "../docs/messages.md");

/** What a file's messages are about; a new file shows up under its own name. */
const titles: Readonly<Record<string, string>> = {
  account: "The account of spans and requests",
  binary: "Programs that can't be traced",
  config: "Flags and variables",
  "config-file": "The config file",
  export: "Where spans and metrics go",
  kernel: "Kernel and rights",
  launch: "Starting an application: `run --`",
  live: "Settings that change while the agent runs",
  metrics: "Metrics",
  offsets: "offsets.json",
  plan: "Why a library, or a part of it, is not attached",
  propagation: "Trace context in requests that go out",
  silence: "A program in which nothing happens",
  site: "Why a function has no place for a probe",
  start: "Attaching and detaching",
  status: "The status server",
  target: "Finding the process",
};

export async function messagesText(): Promise<string> {
  const sections = (await allMessages()).map(sectionText);
  return [
    "<!-- Made by scripts/gen-messages.ts. Do not edit. -->",
    "# Messages",
    "What the agent and its commands say, by subject; … stands for what differs. A message that ends a command, or concerns a target, also says why on this host, what still works, and one next step. What to do when nothing arrives: [troubleshooting](troubleshooting.md).",
    ...sections,
  ]
    .join("\n\n")
    .concat("\n");
}

function sectionText({ name, messages }: MessageGroup): string {
  const [explained, plain] = [messages.filter(({ next }) => next), messages.filter(({ next }) => !next)];
  return [
    `## ${titles[name] ?? name}`,
    ...(explained.length > 0
      ? [["| message | why | next step |", "|---|---|---|", ...explained.map(row)].join("\n")]
      : []),
    ...(plain.length > 0 ? [plain.map(({ what }) => `- ${cell(what)}`).join("\n")] : []),
  ].join("\n\n");
}

function row({ what, why, next }: Message): string {
  return `| ${[what, why, next].map((text) => cell(text ?? "")).join(" | ")} |`;
}

function cell(text: string): string {
  return text
    .trim()
    .replaceAll("|", "\\|")
    .replaceAll("<", "&lt;")
    .replaceAll("*", "\\*")
    .replaceAll("\n", " ");
}

if (process.argv[1] === import.meta.filename) writeFileSync(messagesPage, await messagesText());
