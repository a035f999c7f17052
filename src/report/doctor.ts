/** What `doctor` says: its checks as a text or as JSON. */
import type { Colors } from "./colors.ts";
import { counted } from "./count.ts";
import { ExitCode } from "./exit-code.ts";
import { printable, printableJson } from "./printable.ts";
import type { Explanation } from "./user-error.ts";
import { version } from "./version.ts";

export interface Check {
  /** Never changes, for scripts: "kernel.lockdown". */
  readonly id: string;
  readonly title: string;
  /** "warning": tracing works, with less than it could. "problem": it does not. */
  readonly status: "ok" | "warning" | "problem";
  readonly found: Explanation;
  /** Of a problem: what a run would end with. */
  readonly exitCode?: ExitCode;
}

export interface CheckGroup {
  readonly name: string;
  readonly checks: readonly Check[];
}

export function ok(id: string, title: string, what: string): Check {
  return { id, title, status: "ok", found: { what } };
}

export function warning(id: string, title: string, found: Explanation): Check {
  return { id, title, status: "warning", found };
}

export function problem(id: string, title: string, found: Explanation, exitCode: ExitCode): Check {
  return { id, title, status: "problem", found, exitCode };
}

/** Whether tracing would work; else what a run would end with, which looks for its target first. */
export function verdict(groups: readonly CheckGroup[]): ExitCode {
  const codes = groups.flatMap(({ checks }) => checks.flatMap(({ exitCode }) => exitCode ?? []));
  const told = [
    ExitCode.noTarget,
    ExitCode.noPermission,
    ExitCode.kernelTooOld,
    ExitCode.nothingToInstrument,
    ExitCode.usage,
    ExitCode.failure,
  ] as const;
  return told.find((code) => codes.includes(code)) ?? ExitCode.ok;
}

/** Of the JSON: changes when a member changes its meaning or goes; new ones may come at any time. */
const schema = 1;

export function doctorReport(groups: readonly CheckGroup[], json: boolean, colors: Colors): string {
  return json ? printableJson(documentOf(groups)) : asText(groups, colors);
}

/** In the shape of docs/doctor.md. */
function documentOf(groups: readonly CheckGroup[]) {
  const checks = groups.flatMap(({ name, checks }) =>
    checks.map(({ id, title, status, found, exitCode }) => ({
      id,
      group: name,
      title,
      status,
      what: found.what,
      why: found.why ?? null,
      works: found.works ?? null,
      next: found.next ?? null,
      exitCode: exitCode ?? null,
    })),
  );
  return { schema, version, exitCode: verdict(groups), checks };
}

function asText(groups: readonly CheckGroup[], colors: Colors): string {
  const width = Math.max(...groups.flatMap(({ checks }) => checks.map(({ title }) => title.length)));
  const blocks = groups
    .filter(({ checks }) => checks.length > 0)
    .map(({ name, checks }) =>
      [colors.bold(name), ...checks.flatMap((check) => checkLines(check, width, colors))].join("\n"),
    );
  return [...blocks, lastLine(groups, colors)].join("\n\n");
}

/** Columns in front of a check's own words. */
const marks = { ok: "ok     ", warning: "warning", problem: "PROBLEM" } as const;

function checkLines({ title, status, found }: Check, width: number, colors: Colors): readonly string[] {
  const paint = { ok: colors.green, warning: colors.yellow, problem: colors.red }[status];
  const indent = " ".repeat(marks.ok.length + width + 6);
  const more = [
    found.why && `why: ${found.why}`,
    found.works && `still works: ${found.works}`,
    found.next && `next: ${found.next}`,
  ];
  return [
    `  ${paint(marks[status])}  ${title.padEnd(width)}  ${line(found.what)}`,
    ...more.flatMap((text) => (text ? [`${indent}${line(text)}`] : [])),
  ];
}

/** Longer texts than the kernel's or a path of a file have no end worth reading. */
function line(text: string): string {
  return printable(text, 1000);
}

function lastLine(groups: readonly CheckGroup[], colors: Colors): string {
  const count = (wanted: Check["status"]) =>
    groups.flatMap(({ checks }) => checks.filter(({ status }) => status === wanted)).length;
  const [problems, warnings] = [count("problem"), count("warning")];
  const words = [countText(problems, "problem"), countText(warnings, "warning")].join(", ");
  return problems > 0
    ? colors.red(`${words}; exit code ${verdict(groups)}`)
    : colors.green(`tracing would work: ${words}`);
}

function countText(count: number, word: string): string {
  return count === 0 ? `no ${word}s` : counted(count, word);
}
