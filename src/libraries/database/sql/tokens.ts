import type { Lexer, Token } from "./lexer.ts";

/**
 * Tokens that all readings agree on. What another reading takes for a literal or a comment, in whole or in part, is a
 * literal here: a text is shown only where every reading shows it. Undefined when a reading understands it not at all.
 */
export function agreedTokens(text: string, readings: readonly Lexer[]): readonly Token[] | undefined {
  const [tokens, ...others] = readings.map((read) => read(text));
  if (!tokens) return undefined;
  const hidden = new Uint8Array(text.length);
  for (const other of others) {
    if (!other) return undefined;
    for (const token of other)
      if (isHidden(token)) hidden.fill(1, token.start, token.start + token.text.length);
  }
  if (others.length === 0) return tokens;
  return tokens.map((token) => {
    const end = token.start + token.text.length;
    const doubtful = !isHidden(token) && hidden.subarray(token.start, end).includes(1);
    return doubtful ? { ...token, kind: "literal" } : token;
  });
}

function isHidden({ kind }: Token): boolean {
  return kind === "literal" || kind === "comment";
}
