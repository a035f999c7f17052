import { endOf, type Token } from "./lexer.ts";

/** Longer names are taken for something else. */
const maxName = 128;
/** So that a text of nothing but beginnings is not read once for each of them. */
const lookAhead = 100;

/** A place in a statement's tokens, and what can be asked and read there. */
export class Cursor {
  /** Tokens that were read as names. */
  readonly names = new Set<Token>();
  readonly #tokens: readonly Token[];
  readonly #cutAt: number | undefined;
  #at = 0;

  /** @param cutAt where the text was cut off, in UTF-16 units. */
  constructor(tokens: readonly Token[], cutAt: number | undefined) {
    this.#tokens = tokens;
    this.#cutAt = cutAt;
  }

  get ended(): boolean {
    return this.#at >= this.#tokens.length;
  }

  get kind(): Token["kind"] | undefined {
    return this.#tokens[this.#at]?.kind;
  }

  get isName(): boolean {
    return this.kind === "word" || this.kind === "quoted" || this.kind === "either";
  }

  text(ahead = 0): string {
    return this.#tokens[this.#at + ahead]?.text ?? "";
  }

  /** The text of a word, in capitals; a name in quotes is no word. */
  word(ahead = 0): string {
    const token = this.#tokens[this.#at + ahead];
    return token?.kind === "word" ? token.text.toUpperCase() : "";
  }

  pass(count = 1): void {
    this.#at += count;
  }

  passWords(words: ReadonlySet<string>): void {
    while (words.has(this.word())) this.#at++;
  }

  passParentheses(): void {
    let depth = 0;
    do {
      if (this.text() === "(") depth++;
      if (this.text() === ")") depth--;
      this.#at++;
    } while (depth > 0 && !this.ended);
  }

  passAll(): void {
    this.#at = this.#tokens.length;
  }

  /** Which of these texts comes first in the next `lookAhead` tokens. */
  next(texts: readonly string[]): string | undefined {
    for (let i = this.#at; i < Math.min(this.#at + lookAhead, this.#tokens.length); i++) {
      const text = this.#tokens[i]?.text.toUpperCase() ?? "";
      if (texts.includes(text)) return text;
    }
    return undefined;
  }

  /** Of parts with dots in between, without quotes. Empty when it is a variable, too long to be one, or cut off. */
  readName(): string {
    let name = "";
    for (;;) {
      const token = this.#tokens[this.#at];
      if (!token) break;
      if (this.text() === ".") name += ".";
      else if (this.isName && (name === "" || name.endsWith("."))) {
        name += token.kind === "word" ? token.text : token.text.slice(1, -1);
        this.names.add(token);
      } else break;
      this.#at++;
    }
    const last = this.#tokens[this.#at - 1];
    const cutOff = last !== undefined && endOf(last) === this.#cutAt;
    return cutOff || name.length > maxName || name.startsWith("@") ? "" : name;
  }
}
