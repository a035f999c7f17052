// https://opentelemetry.io/docs/specs/otel/configuration/data-model/#environment-variable-substitution

import type { Environment } from "./read.ts";

const name = "[a-zA-Z_][a-zA-Z0-9_]*";
const reference = new RegExp(`\\$\\$|\\$\\{(?:env:)?(${name})(?::-([^\\n]*?))?\\}|\\$\\{`, "g");

/**
 * A file's text with "${NAME}", "${env:NAME}" and "${NAME:-default}" replaced by the variable's value; "$$" is a "$".
 * Undefined when something begins as a reference and is none.
 */
export function substitute(text: string, environment: Environment): string | undefined {
  let isValid = true;
  const result = text.replace(reference, (whole, variable: string | undefined, otherwise = "") => {
    if (whole === "$$") return "$";
    if (variable === undefined) isValid = false;
    return environment[variable ?? ""] || otherwise;
  });
  return isValid ? result : undefined;
}
