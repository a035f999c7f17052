/** Messages about the config file. Each names file, line and column, and none shows what may be a secret. */
import { ExitCode } from "./exit-code.ts";
import { printablePath } from "./printable.ts";
import { systemWords } from "./system-error.ts";
import { UserError } from "./user-error.ts";

interface Place {
  readonly line: number;
  readonly column: number;
}

export const yamlFaults = {
  /** The library's words up to where they may show a piece of the file. */
  syntax: (code: string, message: string) =>
    code === "MULTIPLE_DOCS"
      ? "the file has more than one document"
      : (/^[^:"'`\\]*/.exec(message)?.[0] ?? "").trim(),
  tag: "tags such as !!str are not taken",
  anchor: "anchors (&) and aliases (*) are not taken",
  tooDeep: "sections and lists are nested more than 32 deep",
  tooLong: "the file has more than 50,000 words and signs",
};

export function fileUnreadable(path: string, why: string): UserError {
  return fault(
    `the config file ${printablePath(path)} can't be read`,
    why,
    "correct --config or OTEL_GO_AUTO_CONFIG, or the file",
  );
}

/** Why a file can't be read, in words. */
export const fileFaults = {
  code: (code: string) =>
    ({ ENOENT: "there is no such file", EACCES: "this process may not read it", EISDIR: notFile })[code] ??
    systemWords(code),
  notFile: "it is not a regular file",
  tooLarge: (most: number) => `it has more than ${most >> 20} MiB`,
  notText: "it is not UTF-8",
};

const notFile = "it is not a regular file";

export function notYaml(path: string, place: Place, what: string): UserError {
  return fault(`${at(path, place)}: ${what}`, "the file is not YAML that this agent takes", correct(place));
}

/** `section` is "" for the outermost keys. */
export function unknownKey(
  path: string,
  place: Place,
  section: string,
  key: string,
  valid: readonly string[],
  suggestion: string | undefined,
): UserError {
  const where = section === "" ? "a config file" : section;
  return fault(
    `${at(path, place)}: unknown key ${JSON.stringify(key.slice(0, 100))}`,
    `keys of ${where} are ${valid.join(", ")}`,
    suggestion ? `did you mean ${suggestion}?` : correct(place),
  );
}

/** Of what a rule has, or lacks, as a whole. */
export function missingKey(path: string, place: Place, what: string, valid: string): UserError {
  return fault(`${at(path, place)}: ${what}`, `valid is ${valid}`, correct(place));
}

/** Of one text in a rule. */
export function badRuleValue(
  path: string,
  place: Place,
  key: string,
  shown: string,
  valid: string,
): UserError {
  return fault(
    `${at(path, place)}: ${key} is not valid: ${JSON.stringify(shown.slice(0, 100))}`,
    `valid is ${valid}`,
    correct(place),
  );
}

export function wrongShape(path: string, place: Place, key: string, valid: string): UserError {
  const what = key === "" ? "a config file" : key;
  return fault(`${at(path, place)}: ${what} has another form`, `valid is ${valid}`, correct(place));
}

export const shapes = {
  section: (keys: readonly string[]) => `a section with keys of these: ${keys.join(", ")}`,
  value: "one value",
  list: "a list of values, or one text with commas",
  values: "a list of values, [first, second]",
  map: "names with their values, or one text of name=value with commas",
  path: "a path without a comma",
  rules: "a list of rules, each with path, and with ratio or drop: true",
  functions: "a list of rules",
  text: "a text",
};

export function badReference(path: string, place: Place, key: string): UserError {
  return fault(
    `${at(path, place)}: ${key} refers to a variable in a way that is not valid`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what the user may write
    "valid is ${NAME}, ${env:NAME} or ${NAME:-default}; $$ stands for one $",
    correct(place),
  );
}

function at(path: string, { line, column }: Place): string {
  return `${printablePath(path)}:${line}:${column}`;
}

function correct({ line }: Place): string {
  return `correct line ${line}`;
}

function fault(what: string, why: string, next: string): UserError {
  return new UserError(ExitCode.usage, { what, why, next });
}
