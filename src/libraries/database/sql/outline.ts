import { Cursor } from "./cursor.ts";
import type { Token } from "./lexer.ts";
import { summaryOf } from "./summary.ts";
import * as words from "./words.ts";

/** What a statement does, and to what. Names are as they stand in the text, without their quotes. */
export interface Outline {
  /** The first operation, for example "SELECT" or "CREATE TABLE". */
  readonly operation: string | undefined;
  /** Tables and views, each once, in the order of the text. */
  readonly collections: readonly string[];
  readonly procedure: string | undefined;
  /** Operations and their targets, at most 255 characters. */
  readonly summary: string | undefined;
  /** Tokens that are names by their place. */
  readonly names: ReadonlySet<Token>;
}

/** What one pair of parentheses, or the statement around them all, has shown so far. */
interface Frame {
  /** The operation that FROM, JOIN and commas belong to. */
  operation: string;
  /** A table's name comes next. */
  table: boolean;
  /** Behind a comma too. */
  list: boolean;
  /** In WITH: names of common table expressions, then the statement that uses them. */
  with: boolean;
  /** The next word may begin a statement. */
  begins: boolean;
}

const nothing: Frame = { operation: "", table: false, list: false, with: false, begins: true };

/** @param cutAt where the text was cut off. */
export function outline(all: readonly Token[], cutAt: number | undefined): Outline {
  const tokens = all.filter(({ kind }) => kind !== "comment");
  return new Reader(new Cursor(tokens, cutAt)).read();
}

/** Goes over the tokens once. It knows places of names, no grammar: what it doesn't know it passes by. */
class Reader {
  readonly #cursor: Cursor;
  readonly #withs = new Set<string>();
  readonly #collections = new Set<string>();
  readonly #parts: string[] = [];
  #operation: string | undefined;
  #procedure: string | undefined;
  #frames: Frame[] = [];
  #frame = { ...nothing };

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  read(): Outline {
    while (!this.#cursor.ended) this.#step();
    return {
      operation: this.#operation,
      collections: [...this.#collections],
      procedure: this.#procedure,
      summary: summaryOf(this.#parts),
      names: this.#cursor.names,
    };
  }

  #step(): void {
    const text = this.#cursor.text();
    const word = this.#cursor.word();
    if (text === "(") this.#open();
    else if (text === ")") this.#close();
    else if (text === ";") this.#endStatement();
    else if (text === ",") this.#comma();
    else if (this.#frame.table && this.#cursor.isName && !words.insteadOfTable.has(word)) this.#table();
    else if (word) this.#word(word);
    else this.#pass();
  }

  /** Nothing that begins a statement or names a table. */
  #pass(): void {
    Object.assign(this.#frame, { begins: false, table: false });
    this.#cursor.pass();
  }

  #open(): void {
    const { table, operation, list } = this.#frame;
    // FROM (a JOIN b …): still tables. FROM (SELECT …): the word says so.
    const inner = table && list ? { ...nothing, table, operation, list } : { ...nothing };
    this.#frames.push(this.#frame);
    this.#pass();
    this.#frame = inner;
  }

  #close(): void {
    this.#frame = this.#frames.pop() ?? { ...nothing };
    this.#pass();
    this.#frame.begins = this.#frame.with;
  }

  #endStatement(): void {
    this.#frames = [];
    this.#frame = { ...nothing };
    this.#parts.push(";");
    this.#cursor.pass();
  }

  #comma(): void {
    this.#pass();
    this.#frame.table = this.#frame.list;
    if (this.#frame.with) this.#commonTable();
  }

  #word(word: string): void {
    const current = this.#frame;
    const begins = current.begins;
    const before = this.#cursor.text(-1).toUpperCase();
    current.begins = false;
    this.#cursor.pass();
    if (before === ".") return;
    if (word === "SELECT") this.#begin(word);
    else if (begins && this.#statement(word)) return;
    else if (word === "FROM") this.#from(before);
    else if (word === "JOIN" || word === "STRAIGHT_JOIN")
      this.#expect(words.reads.has(current.operation), false);
    else if (word === "INTO") current.table = current.operation !== "";
    else if (word === "USING") this.#using();
    else if (words.afterTables.has(word)) this.#expect(false, false);
  }

  /** False when the word begins no statement that is known. */
  #statement(word: string): boolean {
    if (word === "WITH") this.#with();
    else if (word === "EXPLAIN") this.#explain(word);
    else if (words.calls.has(word)) this.#call(word);
    else if (words.definitions.has(word)) this.#define(word);
    else if (words.tableOperations.has(word)) this.#tableOperation(word);
    else if (words.plainOperations.has(word)) this.#begin(word);
    else return false;
    return true;
  }

  /** `as` is the word as it stood: the conventions ask for the text's own case. */
  #begin(word: string, as = this.#cursor.text(-1)): void {
    this.#operation ??= as;
    this.#parts.push(as);
    Object.assign(this.#frame, { ...nothing, operation: word, begins: false });
  }

  #expect(table: boolean, list: boolean): void {
    Object.assign(this.#frame, { table, list });
  }

  #with(): void {
    this.#frame.with = true;
    if (this.#cursor.word() === "RECURSIVE") this.#cursor.pass();
    this.#commonTable();
  }

  /** name (columns) AS (…) */
  #commonTable(): void {
    if (!this.#cursor.isName) return;
    this.#withs.add(this.#cursor.readName().toLowerCase());
    if (this.#cursor.text() === "(") this.#cursor.passParentheses();
    this.#cursor.passWords(words.withOptions);
  }

  #explain(word: string): void {
    this.#begin(word);
    this.#cursor.passWords(words.explainOptions);
    if (this.#cursor.text() === "(") this.#cursor.passParentheses();
    this.#frame.begins = true;
  }

  #call(word: string): void {
    this.#begin(word);
    // EXEC @result = procedure
    if (this.#cursor.text().startsWith("@") && this.#cursor.text(1) === "=") this.#cursor.pass(2);
    const name = this.#cursor.isName ? this.#cursor.readName() : "";
    if (!name) return;
    this.#procedure ??= name;
    this.#parts.push(name);
  }

  #define(word: string): void {
    const verb = this.#cursor.text(-1);
    this.#cursor.passWords(words.beforeObject);
    const object = this.#cursor.word();
    if (object) this.#cursor.pass();
    this.#begin(word, object ? `${verb} ${this.#cursor.text(-1)}` : verb);
    this.#cursor.passWords(words.beforeName);
    if (words.tableObjects.has(object)) this.#expect(true, word === "DROP");
    else if (words.namedObjects.has(object) && this.#cursor.isName) this.#target(this.#cursor.readName());
    if (object === "INDEX") this.#indexedTable();
    if (words.withBody.has(object) || word === "COMMENT") this.#cursor.passAll();
  }

  /** CREATE INDEX i ON t (…): t is the collection, i the target. */
  #indexedTable(): void {
    if (this.#cursor.word() !== "ON") return;
    this.#cursor.pass();
    this.#cursor.passWords(words.beforeName);
    const name = this.#cursor.isName ? this.#cursor.readName() : "";
    if (name) this.#collections.add(name);
  }

  #tableOperation(word: string): void {
    this.#begin(word);
    // "DELETE t WHERE …"; otherwise its tables are behind FROM.
    if (word === "DELETE" && this.#cursor.next([";", "WHERE", "FROM"]) === "FROM") return;
    this.#cursor.passWords(words.beforeTable);
    if (this.#cursor.word(-1) === "TOP" && this.#cursor.text() === "(") this.#cursor.passParentheses();
    this.#cursor.passWords(words.beforeTable);
    this.#expect(this.#cursor.text() !== "(", words.listOperations.has(word));
  }

  #from(before: string): void {
    // IS DISTINCT FROM, and EXTRACT(DAY FROM …), where no operation stands in the parentheses.
    if (before !== "DISTINCT" && words.reads.has(this.#frame.operation)) this.#expect(true, true);
  }

  /** MERGE … USING t, DELETE … USING t, t; but JOIN … USING (columns). */
  #using(): void {
    const { operation } = this.#frame;
    const table = (operation === "MERGE" || operation === "DELETE") && this.#cursor.text() !== "(";
    this.#expect(table, operation === "DELETE");
  }

  #table(): void {
    const { operation } = this.#frame;
    Object.assign(this.#frame, { table: false, begins: false });
    const name = this.#cursor.readName();
    const isFunction = this.#cursor.text() === "(" && words.reads.has(operation);
    if (!name || isFunction || this.#withs.has(name.toLowerCase())) return;
    this.#collections.add(name);
    this.#target(name);
  }

  #target(name: string): void {
    if (name && this.#parts.at(-1) !== name) this.#parts.push(name);
  }
}
