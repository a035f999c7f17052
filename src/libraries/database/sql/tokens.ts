import { endOf, type Lexer, type Token } from "./lexer.ts";

/**
 * Tokens that all readings agree on. What another reading takes for a literal or a comment, in whole or in part, is a
 * literal here: a text is shown only where every reading shows it. Undefined when a reading understands it not at all.
 */
export function agreedTokens(text: string, readings: readonly Lexer[]): readonly Token[] | undefined {
  const [tokens, ...others] = readings.map((read) => read(text));
  if (!tokens) return undefined;
  if (others.length === 0) return tokens;
  const hidden = new Uint8Array(text.length);
  // What may be a string hides everything but a token that is exactly as long, and then may be one too.
  const eithers = new Set(tokens.filter(({ kind }) => kind === "either").map(place));
  for (const other of others) {
    if (!other) return undefined;
    for (const token of other)
      if (isHidden(token) || (token.kind === "either" && !eithers.has(place(token))))
        hidden.fill(1, token.start, endOf(token));
  }
  return tokens.map((token) => {
    const doubtful = !isHidden(token) && hidden.subarray(token.start, endOf(token)).includes(1);
    return doubtful ? { ...token, kind: "literal" } : token;
  });
}

function isHidden({ kind }: Token): boolean {
  return kind === "literal" || kind === "comment";
}

function place(token: Token): string {
  return `${token.start}-${endOf(token)}`;
}
