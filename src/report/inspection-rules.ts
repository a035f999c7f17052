/** What `inspect` says of the config file's rules for functions. */
import type { RuleOutcome } from "../plan/rules/outcomes.ts";
import type { Colors } from "./colors.ts";
import { counted } from "./count.ts";
import { printable } from "./printable.ts";
import { hex } from "./site.ts";

export type RuleDocument = ReturnType<typeof ruleDocument>;

export function ruleDocument({ rule, isFor, functions, leftOut }: RuleOutcome) {
  return {
    function: rule.function,
    line: rule.line,
    process: rule.process ?? null,
    forThis: isFor,
    functions: functions.map(({ span, address }) => ({ name: span.name, address: hex(address) })),
    leftOut: leftOut.map(({ function: name, reason }) => ({ function: name ?? null, reason })),
  };
}

/** Functions of one rule that are listed. */
const maxListed = 10;

export function ruleLines(rules: readonly RuleDocument[], colors: Colors): readonly string[] {
  return [colors.bold("rules"), ...rules.flatMap((rule) => oneRule(rule, colors))];
}

function oneRule(rule: RuleDocument, colors: Colors): readonly string[] {
  const { functions, leftOut } = rule;
  const listed = functions.length === 1 && functions[0]?.name === rule.function ? [] : functions;
  const more = listed.length - maxListed;
  return [
    `  ${printable(rule.function)} (line ${rule.line}): ${status(rule, colors)}`,
    ...listed.slice(0, maxListed).map(({ name }) => `    ${printable(name)}`),
    ...(more > 0 ? [`    and ${counted(more, "more function")}`] : []),
    ...leftOut.map((each) => colors.yellow(`    ${leftOutText(each)}`)),
  ];
}

function status({ functions, leftOut, forThis, process }: RuleDocument, colors: Colors): string {
  if (!forThis) return colors.dim(`for ${printable(process ?? "")} alone`);
  if (functions.length > 0) return colors.green("would be traced");
  return leftOut.length > 0
    ? colors.yellow("not traced")
    : colors.dim("not traced, rules before it have its functions");
}

function leftOutText({ function: name, reason }: RuleDocument["leftOut"][number]): string {
  return printable(name === null ? reason : `without ${name}: ${reason}`, 500);
}
