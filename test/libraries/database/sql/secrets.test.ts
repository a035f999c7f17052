// Literals of real statements, each with a word that must never come out: whole, cut off anywhere, or with the
// statement around them broken.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { describeStatement } from "../../../../src/libraries/database/sql/statement.ts";
import { pick, type Random, randomNumbers } from "../../../fuzz/support/random.ts";

const secret = "zqxj";
/** What a literal may have around the word. */
const noise = [
  "",
  " ",
  "--",
  "/*",
  "*/",
  "#",
  ";",
  ") FROM t (",
  "$$",
  "$1",
  "a",
  "1",
  '"',
  "`",
  "[",
  "]",
  "%",
  "\n",
  "é",
  "😀",
];
const runs = Number(process.env.OTEL_GO_AUTO_FUZZ ?? 300);

type Quote = (content: string) => string;
const single: Quote = (content) => `'${content.replaceAll("'", "''")}'`;
const backslash: Quote = (content) => `'${content.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
const double: Quote = (content) => `"${content.replaceAll("\\", "\\\\").replaceAll('"', '""')}"`;
const dollar: Quote = (content) => `$q$${content}$q$`;
const oracleQuote: Quote = (content) => `q'[${content.replaceAll("]", "")}]'`;
const number: Quote = () => "4711815";

/** System → modes of its servers, which never mix in one statement → literals. */
const systems: Readonly<Record<string, readonly (readonly Quote[])[]>> = {
  postgresql: [
    [single, dollar, (content) => `E${backslash(content)}`, (content) => `U&${single(content)}`, number],
    [backslash, dollar, number],
  ],
  mysql: [
    [backslash, double, (content) => `_utf8mb4${backslash(content)}`, number],
    [single, number],
  ],
  sqlite: [[single, (content) => `X${single(content)}`, number]],
  "microsoft.sql_server": [[single, (content) => `N${single(content)}`, number]],
  "oracle.db": [[single, oracleQuote, (content) => `N${oracleQuote(content)}`, number]],
  clickhouse: [[backslash, number]],
  other_sql: [
    [single, dollar, number],
    [backslash, number],
  ],
};

/** "?" is where a literal goes. */
const statements = [
  "SELECT a, b FROM t WHERE a = ? AND b IN (?, ?) ORDER BY c LIMIT 10",
  "INSERT INTO t (a, b) VALUES (?, ?), (?, ?) ON CONFLICT DO NOTHING",
  "UPDATE t SET a = ?, b = b || ? WHERE c LIKE ?",
  "WITH x AS (SELECT ? AS a FROM t) DELETE FROM u USING x WHERE u.a = x.a AND u.b = ?",
  "CREATE USER someone PASSWORD ?",
  "ALTER TABLE t ADD COLUMN a text DEFAULT ?",
  "CALL p(?, ?); SET x = ?; SELECT 1",
  "MERGE INTO t USING (SELECT ? AS a) s ON t.a = s.a WHEN MATCHED THEN UPDATE SET b = ?",
];
/** They begin and end no literal and no comment. */
const harmless = [..." \n\t,.()=<>+;:?@%&|^~!abcdfghijklmoprstuvwxyzSELCTFROM_(\u00a0é\u0000\ufffd😀"];

interface Piece {
  readonly text: string;
  readonly literal: boolean;
}

function pieces(random: Random, quotes: readonly Quote[]): Piece[] {
  return pick(statements, random)
    .split("?")
    .flatMap((text, i) => {
      const content = `${pick(noise, random)}'${pick(noise, random)}${secret}${pick(noise, random)}${pick(["", "'", "\\", "\\'", "'\\"], random)}`;
      // The space keeps letters off its quote, which could be read as its prefix.
      const literal = { text: ` ${pick(quotes, random)(content)}`, literal: true };
      return i === 0 ? [{ text, literal: false }] : [literal, { text, literal: false }];
    });
}

function broken(text: string, random: Random): string {
  const at = random(text.length + 1);
  const removed = random(3);
  return text.slice(0, at) + (random(3) > 0 ? pick(harmless, random) : "") + text.slice(at + removed);
}

function check(sql: string, system: string, truncated: boolean): void {
  const shown = JSON.stringify(describeStatement(sql, { system, truncated }));
  assert.ok(
    !shown.includes(secret) && !shown.includes("4711"),
    `${system}: ${JSON.stringify(sql)} → ${shown}`,
  );
}

describe("no literal comes out", () => {
  for (const [system, modes] of Object.entries(systems)) {
    test(system, () => {
      for (let i = 0; i < runs; i++) {
        const random = randomNumbers(7, i);
        const parts = pieces(random, pick(modes, random));
        const whole = parts.map(({ text }) => text).join("");
        check(whole, system, false);
        check(whole.slice(0, random(whole.length)), system, true);
        // Its pieces may be cut without anyone having said so.
        check(whole.slice(0, random(whole.length)), system, false);
        check(
          parts.map(({ text, literal }) => (literal ? text : broken(text, random))).join(""),
          system,
          false,
        );
      }
    });
  }
});
