import { endOf, type Token } from "./lexer.ts";

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
    end = endOf(token);
    const part = shown(token, names.has(token) || isQualified(tokens, i));
    // Pieces of one literal that the modes of a server cut differently.
    if (space || part !== "?" || !result.endsWith("?")) result += part;
  }
  return result.trimEnd();
}

/** Between tokens stands nothing else. */
function whiteSpace(between: string): string {
  return between.trim() === "" ? between : " ";
}

function shown(token: Token, isName: boolean): string {
  switch (token.kind) {
    case "comment":
      return "";
    case "literal":
      // The lexer takes the minus of "a - 1" for the number's.
      return token.text.startsWith("-") ? "-?" : "?";
    case "either":
      return isName ? token.text : "?";
    default:
      return token.text;
  }
}

/** A part of "table"."column", without white space, which no string can be. */
function isQualified(tokens: readonly Token[], i: number): boolean {
  return [-1, 1].some((step) => {
    const [dot, other] = [tokens[i + step], tokens[i + 2 * step]];
    const isPart = other?.kind === "word" || other?.kind === "quoted" || other?.kind === "either";
    return (
      dot?.text === "." && (isPart || other?.text === "*") && touches(tokens[i], dot) && touches(dot, other)
    );
  });
}

function touches(a: Token | undefined, b: Token | undefined): boolean {
  return a !== undefined && b !== undefined && (endOf(a) === b.start || endOf(b) === a.start);
}
