/** The section `rules` of the config file: which functions become spans. */
import { isSeq, type ParsedNode } from "yaml";
import { wrongShape } from "../../report/config-file.ts";
import { boolean, integer, oneOf, ratio } from "../values.ts";
import { maxRuleAttributes, maxRules, type Rule, type RuleAttribute, ruleSpanKinds } from "./rule.ts";
import { placeOf, Section, type Surroundings } from "./section.ts";
import {
  attributeName,
  executable,
  functionPattern,
  methodName,
  packagePath,
  receiverType,
  spanName,
  typeName,
  valuePath,
  whichValue,
} from "./words.ts";

const ruleKeys = [
  ...["function", "package", "receiver", "method", "span", "attributes"],
  ...["arguments", "results", "process", "error_message", "ratio", "limit"],
];
const spanKeys = ["name", "kind"];
const attributeKeys = ["name", "argument", "result", "path", "type"];

/** Throws a UserError (usage) for the first fault, with its line and column. */
export function readRules(about: Surroundings, node: ParsedNode): readonly Rule[] {
  const shape = `a list of at most ${maxRules} rules, each with function, or with package and method`;
  if (!isSeq(node) || node.items.length > maxRules)
    throw wrongShape(about.path, placeOf(about, node), "rules", shape);
  return node.items.map((item) => readRule(new Section(about, item as ParsedNode, "a rule", ruleKeys)));
}

function readRule(rule: Section): Rule {
  const attributes = readAttributes(rule);
  const span = rule.section("span", spanKeys);
  const names = attributes.map(({ name }) => name);
  return {
    function: functionOf(rule),
    process: rule.value("process", executable),
    span: {
      name: span?.value("name", spanName(names)),
      kind: span?.value("kind", oneOf(...ruleSpanKinds)) ?? "internal",
    },
    attributes,
    arguments: rule.list("arguments", typeName),
    results: rule.list("results", typeName),
    errorMessage: rule.value("error_message", boolean) ?? false,
    ratio: rule.value("ratio", ratio) ?? 1,
    limit: rule.value("limit", integer(1, 1_000_000)),
    line: rule.line,
  };
}

/** By its full name, or by the parts of it. */
function functionOf(rule: Section): string {
  const parts = ["package", "receiver", "method"].filter((key) => rule.has(key));
  const valid =
    "function: main.(*OrderService).Place, or package: main, receiver: '*OrderService', method: Place";
  if (rule.has("function")) {
    if (parts.length > 0) throw rule.wrong(`a rule has function and ${parts.join(", ")}`, valid, parts[0]);
    return rule.required("function", functionPattern);
  }
  if (!rule.has("package") || !rule.has("method"))
    throw rule.wrong("a rule does not name its function", valid);
  const path = rule.required("package", packagePath);
  const receiver = rule.value("receiver", receiverType);
  const method = rule.required("method", methodName);
  const last = path.lastIndexOf("/") + 1;
  // As the linker writes it: cmd/internal/objabi, PathToPrefix.
  const linked = path.slice(0, last) + path.slice(last).replaceAll(".", "%2e");
  if (receiver === undefined) return `${linked}.${method}`;
  return `${linked}.${receiver.startsWith("*") ? `(${receiver})` : receiver}.${method}`;
}

function readAttributes(rule: Section): readonly RuleAttribute[] {
  const sections = rule.sections("attributes", "an attribute", attributeKeys);
  if (sections.length > maxRuleAttributes)
    throw rule.wrong(
      `a rule has ${sections.length} attributes`,
      `at most ${maxRuleAttributes} attributes`,
      "attributes",
    );
  const attributes = sections.map(readAttribute);
  for (const [index, { name }] of attributes.entries())
    if (attributes.findIndex((other) => other.name === name) < index)
      throw (sections[index] as Section).wrong(
        `a rule has two attributes ${JSON.stringify(name)}`,
        "attributes of different names",
        "name",
      );
  return attributes;
}

function readAttribute(section: Section): RuleAttribute {
  const name = section.required("name", attributeName);
  const isArgument = section.has("argument");
  if (isArgument === section.has("result"))
    throw section.wrong(
      `the attribute ${JSON.stringify(name)} is of ${isArgument ? "an argument and a result" : "no argument and no result"}`,
      "argument: 1 or result: 1, and not both",
    );
  const of = isArgument ? "argument" : "result";
  const path = section.value("path", valuePath) ?? { fields: [], length: false };
  const type = section.value("type", typeName);
  if (path.length && type !== undefined && type !== "int")
    throw section.wrong("a length is an int", "type: int, or no type", "type");
  return { name, of, which: section.required(of, whichValue), path, type };
}
