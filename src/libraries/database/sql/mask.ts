import type { Token } from "./lexer.ts";

/**
 * A statement's text with "?" for each literal and without comments; white space as it was. It is put together from
 * the tokens that may be shown: nothing else of the text gets into it.
 * @param names tokens that stand where only a name can.
 */
export function masked(tokens: readonly Token[], text: string, names: ReadonlySet<Token>): string {
  let result = "";
  let end = 0;
  for (const [i, token] of tokens.entries()) {
    const space = token.start > end && result !== "";
    if (space) result += whiteSpace(text.slice(end, token.start));
    end = token.start + token.text.length;
    const part = shown(token, tokens[i - 1], tokens[i + 1], names);
    // Pieces of one literal that the modes of a server cut differently.
    if (space || part !== "?" || !result.endsWith("?")) result += part;
  }
  return result.trimEnd();
}

/** Between tokens stands nothing else. */
function whiteSpace(between: string): string {
  return between.trim() === "" ? between : " ";
}

function shown(
  token: Token,
  before: Token | undefined,
  after: Token | undefined,
  names: ReadonlySet<Token>,
): string {
  switch (token.kind) {
    case "comment":
      return "";
    case "literal":
      // The lexer takes the minus of "a - 1" for the number's.
      return token.text.startsWith("-") ? "-?" : "?";
    case "either":
      return before?.text === "." || after?.text === "." || names.has(token) ? token.text : "?";
    default:
      return token.text;
  }
}
