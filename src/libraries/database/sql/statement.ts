import type { Token } from "./lexer.ts";
import { masked } from "./mask.ts";
import { outline } from "./outline.ts";
import { readingsOf } from "./readings.ts";
import { agreedTokens } from "./tokens.ts";

export interface StatementOptions {
  /** db.system.name. */
  readonly system: string;
  /** The text goes on, but what is behind it is not known. */
  readonly truncated: boolean;
}

/** A statement in the words of the database conventions. What is not certain is left out. */
export interface Statement {
  /** db.operation.name: the first one, as the text writes it. */
  readonly operation?: string;
  /** db.collection.name, when the text names one table only. */
  readonly collection?: string;
  /** db.stored_procedure.name. */
  readonly procedure?: string;
  /** db.query.summary, at most 255 characters, without literals. */
  readonly summary?: string;
  /** db.query.text with "?" for each literal, and without comments. */
  readonly text?: string;
}

/** Statements kept in mind, each of at most `maxLength` characters. */
const maxKept = 512;
/** Characters that are read; of longer texts the rest is as if cut off. */
const maxLength = 8192;

const kept = new Map<string, Statement>();

/**
 * What a statement does, to what, and its text without literals. Never throws. Where a lexer does not understand the
 * text, or different modes of a server would read it differently, there is no text rather than a literal in it.
 */
export function describeStatement(text: string, { system, truncated }: StatementOptions): Statement {
  const key = `${system} ${truncated} ${text}`;
  const known = kept.get(key);
  if (known) {
    // Last used, last dropped.
    kept.delete(key);
    kept.set(key, known);
    return known;
  }
  const statement = read(text.slice(0, maxLength), system, truncated || text.length > maxLength);
  if (kept.size >= maxKept) kept.delete(kept.keys().next().value ?? "");
  if (text.length <= maxLength) kept.set(key, statement);
  return statement;
}

function read(whole: string, system: string, truncated: boolean): Statement {
  // A character that was cut in half is no part of the text.
  const text = truncated ? whole.replace(/(\uFFFD|[\uD800-\uDBFF])+$/, "") : whole;
  const tokens = agreedTokens(text, readingsOf(text, system));
  if (!tokens) return firstWord(text);
  const { operation, collections, procedure, summary, names } = outline(
    tokens,
    truncated ? text.length : undefined,
  );
  const [collection, ...others] = collections;
  return {
    ...(operation === undefined ? {} : { operation }),
    ...(collection === undefined || others.length > 0 ? {} : { collection }),
    ...(procedure ? { procedure } : {}),
    ...(summary === undefined ? {} : { summary }),
    text: masked(tokens, text, names),
  };
}

/** All that can be said of a text that is not understood. */
function firstWord(text: string): Statement {
  const word = /^\s*([A-Za-z]{2,20})(?=\s|$)/.exec(text)?.[1];
  if (word === undefined) return {};
  const token: Token = { kind: "word", text: word, start: 0 };
  const { operation } = outline([token], undefined);
  return operation === undefined ? {} : { operation, summary: operation };
}
