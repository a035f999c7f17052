import { type Lexer, lexer, type QuoteType, type Rules } from "./lexer.ts";

/**
 * How each database reads a text. Where a server's mode, which nobody sees from outside, changes what a character
 * means, there is a reading for each mode, and what only one of them takes for a literal counts as one.
 */

/** From a quote to the text's end: the kernel cuts long texts, and a quote that is not closed hides all behind it. */
const openSingle: QuoteType = { regex: "'[^]*" };
const openDouble: QuoteType = { regex: '"[^]*' };
const openBacktick: QuoteType = { regex: "`[^]*" };
const openBracket: QuoteType = { regex: "\\[[^]*" };
const openComment: QuoteType = { regex: "/\\*[^]*" };
const open = [openSingle, openDouble, openComment];

/** $$…$$ and $tag$…$tag$; a tag of other letters than ASCII's hides the rest. */
const dollarQuotes: QuoteType[] = ["$$", { regex: "\\$(?:[\\p{L}_][\\p{L}\\p{Nd}_]*)?\\$[^]*" }];
/** E'…' of PostgreSQL has backslash escapes in every mode. */
const escapeStrings: QuoteType[] = [
  { quote: "''-qq-bs", prefixes: ["E"], requirePrefix: true },
  { regex: "[Ee]'[^]*" },
];
/** q'[…]' of Oracle. */
const oracleQuotes: QuoteType[] = [{ quote: "q''", prefixes: ["N"] }, { regex: "[Nn]?[Qq]'[^]*" }];
const brackets = ["[", "]"];
const dollarsInNames = { rest: "$", allowFirstCharNumber: true };

const postgresql: Rules = {
  stringTypes: [...escapeStrings, "''-qq", ...dollarQuotes, ...open],
  identTypes: ['""-qq'],
  nestedBlockComments: true,
  identChars: dollarsInNames,
  paramTypes: { numbered: ["$"] },
  operators: [...brackets, "#"],
};
const mysql: Rules = {
  // In sql_mode ANSI_QUOTES double quotes are for names, which are hidden then.
  stringTypes: ["''-qq-bs", '""-qq-bs', ...open, openBacktick],
  identTypes: ["``"],
  // "--" begins a comment only in front of white space: https://dev.mysql.com/doc/refman/8.4/en/comments.html
  lineCommentTypes: ["-- ", "--\t", "#"],
  identChars: { first: "$", rest: "$", allowFirstCharNumber: true },
  operators: brackets,
};
const sqlite: Rules = {
  stringTypes: ["''-qq", ...open, openBacktick, openBracket],
  identTypes: ['""-qq', "``", "[]"],
  identChars: dollarsInNames,
  paramTypes: { numbered: ["?"] },
  operators: ["$"],
  // A string when no column has that name: https://www.sqlite.org/quirks.html#dblquote
  doubleQuotesAreEither: true,
};
const sqlServer: Rules = {
  stringTypes: ["''-qq", ...open, openBracket],
  identTypes: ['""-qq', "[]"],
  nestedBlockComments: true,
  identChars: { first: "@#", rest: "@#$", allowFirstCharNumber: true },
  operators: ["$", "{", "}"],
};
const oracle: Rules = {
  stringTypes: [...oracleQuotes, "''-qq", ...open],
  identTypes: ['""-qq'],
  identChars: { rest: "$#", allowFirstCharNumber: true },
  paramTypes: { numbered: [":"] },
  operators: brackets,
};
const unknown: Rules = {
  stringTypes: ["''-qq", ...dollarQuotes, ...open, openBacktick],
  identTypes: ['""-qq', "``"],
  nestedBlockComments: true,
  identChars: dollarsInNames,
  paramTypes: { numbered: ["$"] },
  operators: [...brackets, "{", "}", "#", "$"],
  doubleQuotesAreEither: true,
};

interface Dialect {
  readonly readings: readonly Lexer[];
  /** Those that differ only where a backslash is. */
  readonly ofBackslashes: readonly Lexer[];
  /** What makes no reading sure. */
  readonly unsure: RegExp | undefined;
}

function dialect(rules: readonly Rules[], ofBackslashes: readonly Rules[] = [], unsure?: RegExp): Dialect {
  return { readings: rules.map(lexer), ofBackslashes: ofBackslashes.map(lexer), unsure };
}

/** Comments of MySQL and MariaDB that the server executes. */
const executableComment = /\/\*M?!/;
/** Quotes of BigQuery, Spanner and Oracle. */
const unusualQuotes = /'''|"""|[qQ]'/;
const unknownBackslash: Rules = {
  ...unknown,
  stringTypes: ["''-qq-bs", '""-qq-bs', ...dollarQuotes, ...open, openBacktick],
  identTypes: ["``"],
  nestedBlockComments: false,
};

const postgresqlDialect = dialect(
  [postgresql],
  // standard_conforming_strings = off
  [{ ...postgresql, stringTypes: ["''-qq-bs", ...dollarQuotes, ...open] }],
);
const mysqlDialect = dialect(
  [mysql],
  // sql_mode NO_BACKSLASH_ESCAPES
  [{ ...mysql, stringTypes: ["''-qq", '""-qq', ...open, openBacktick] }],
  executableComment,
);
const dialects: Readonly<Record<string, Dialect>> = {
  postgresql: postgresqlDialect,
  cockroachdb: postgresqlDialect,
  mysql: mysqlDialect,
  mariadb: mysqlDialect,
  sqlite: dialect([sqlite]),
  "microsoft.sql_server": dialect([sqlServer]),
  "oracle.db": dialect([oracle]),
};
const otherDialect = dialect(
  [unknown, unknownBackslash, { ...unknownBackslash, lineCommentTypes: ["--", "#", "//"] }],
  [],
  new RegExp(`${executableComment.source}|${unusualQuotes.source}`),
);

/**
 * The lexers that a text has to be read with, the likeliest first; none when no reading is sure.
 * @param system db.system.name; texts of one that has no dialect here are read in several ways.
 */
export function readingsOf(text: string, system: string): readonly Lexer[] {
  const found = Object.hasOwn(dialects, system) ? dialects[system] : undefined;
  const { readings, ofBackslashes, unsure } = found ?? otherDialect;
  if (unsure?.test(text)) return [];
  return text.includes("\\") ? [...readings, ...ofBackslashes] : readings;
}
