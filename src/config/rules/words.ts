/** What the texts of a rule may look like. Each parser throws InvalidValue. */
import { InvalidValue, type Parser } from "../values.ts";
import type { ValuePath } from "./rule.ts";

const longest = 500;

/** A package's path, a dot, and the rest; the package must be told, as a pattern of any is a pattern of the runtime. */
const functionText = /^[\w./~%-]*[\w~%-]\.[^\s"'`]+$/;

export const functionPattern: Parser<string> = (text) => {
  const beforePattern = text.replace(/\(\*/g, "(").split("*", 1)[0] ?? "";
  const isWhole = functionText.test(text) && text.length <= longest && !/\.$/.test(text);
  if (isWhole && /\./.test(beforePattern.slice(beforePattern.lastIndexOf("/") + 1))) return text;
  throw new InvalidValue(
    "a function's full name, such as main.(*OrderService).Place, example.com/shop/stock.Reserve or main.Map[...]; a * in it, behind the package, fits any characters",
  );
};

export const packagePath: Parser<string> = (text) => {
  if (/^[\w./~%-]+$/.test(text) && text.length <= longest) return text;
  throw new InvalidValue("a package's import path, such as main or example.com/shop/stock");
};

/** As src/config/rules/rule.ts compares it. */
export const executable: Parser<string> = (text) => {
  const isWhole = text !== "" && !/\p{Cc}/u.test(text) && text.length <= longest;
  if (isWhole && (text.startsWith("/") || !text.includes("/"))) return text;
  throw new InvalidValue("an executable's name, such as server, or its whole path, such as /app/server");
};

export const receiverType: Parser<string> = (text) => {
  if (/^\*?\w+(\[[^\s]*\])?$/.test(text) && text.length <= longest) return text;
  throw new InvalidValue("a type of that package, such as OrderService or *OrderService");
};

export const methodName: Parser<string> = (text) => {
  if (/^[\w*]+(\.func[\w.]*)?$/.test(text) && text.length <= longest) return text;
  throw new InvalidValue("the name of a method or function, such as Place");
};

/** A name of the conventions' form; what a trace's backend takes is its own matter. */
export const attributeName: Parser<string> = (text) => {
  if (/^[\w.\-/:]{1,100}$/.test(text)) return text;
  throw new InvalidValue("a name of letters, digits, dots and underscores, such as order.id");
};

/** Number or name of an argument or a result. Go has no limit; nobody counts to 100. */
export const whichValue: Parser<number | string> = (text) => {
  const number = /^\d{1,2}$/.test(text) ? Number(text) : undefined;
  if (number !== undefined && number >= 1) return number;
  if (number === undefined && /^[\p{L}_][\p{L}\p{N}_]*$/u.test(text) && text.length <= 100) return text;
  throw new InvalidValue("its number from 1 on, without the receiver, or its name in the source");
};

/** ".Customer.Name", ".Items.len()", "len()" */
export const valuePath: Parser<ValuePath> = (text) => {
  const [, names = "", length] = /^((?:\.[\p{L}_][\p{L}\p{N}_]*)*)(\.?len\(\))?$/u.exec(text) ?? [];
  const fields = names.split(".").slice(1);
  if ((names !== "" || length !== undefined) && fields.length <= mostFields && text.length <= longest)
    return { fields, length: length !== undefined };
  throw new InvalidValue(
    `names of at most ${mostFields} fields, each behind a dot, and at the end len() for a length: .ID, .Customer.Name, .Items.len(), len()`,
  );
};

const mostFields = 8;

/** As src/plan/rules/declared.ts reads it against a program. */
export const typeName: Parser<string> = (text) => {
  const isName = /^(\*|\[\d*\])*[\p{L}_][\p{L}\p{N}_./~%-]*(\[[^\s]+\])?$/u.test(text);
  if (isName && text.length <= longest) return text;
  throw new InvalidValue(
    "a type of Go, such as int64, string, []byte, error, *main.Order, example.com/shop/stock.Item; for what the rule does not look into: pointer, map, chan, func, interface, any",
  );
};

/** "place {order.id}": the braces hold names of the rule's attributes. */
export function spanName(attributes: readonly string[]): Parser<string> {
  return (text) => {
    const unknown = [...text.matchAll(/\{([^{}]*)\}/g)].map(([, name = ""]) => name);
    const plain = text.replace(/\{[^{}]*\}/g, "");
    const isKnown = unknown.every((name) => attributes.includes(name));
    if (isKnown && !/[{}]/.test(plain) && text.length <= longest) return text;
    throw new InvalidValue(
      `a text in which each pair of braces holds the name of an attribute of this rule: ${attributes.length > 0 ? attributes.join(", ") : "it has none"}`,
    );
  };
}
