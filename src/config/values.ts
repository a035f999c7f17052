/**
 * One function for each kind of value: text → value. Each throws `InvalidValue`, which says what would have been
 * valid; who called knows which flag or variable the text came from.
 */
export class InvalidValue extends Error {
  readonly valid: string;

  constructor(valid: string) {
    super(`not valid; valid: ${valid}`);
    this.name = "InvalidValue";
    this.valid = valid;
  }
}

export type Parser<T> = (value: string) => T;

export const text: Parser<string> = (value) => value;

/** One of the given words, in any case. */
export function oneOf<const T extends string>(...words: readonly T[]): Parser<T> {
  return (value) => {
    const found = words.find((word) => word === value.toLowerCase());
    if (found === undefined) throw new InvalidValue(words.join(", "));
    return found;
  };
}

export const boolean: Parser<boolean> = (value) => oneOf("true", "false")(value) === "true";

/** Timers and queue sizes end at 2^31 - 1, above which Node's timers fire at once. */
const largestInteger = 2 ** 31 - 1;

export function integer(least: number, most = largestInteger): Parser<number> {
  return (value) => {
    const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidValue(`a whole number from ${least} to ${most}`);
  };
}

export const ratio: Parser<number> = (value) => {
  const number = /^(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(value) ? Number(value) : Number.NaN;
  if (number >= 0 && number <= 1) return number;
  throw new InvalidValue("a number from 0 to 1, for example 0.25");
};

/** Comma-separated words; empty ones are left out. */
export const words: Parser<readonly string[]> = (value) =>
  value
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");

/** An HTTP field name: RFC 9110, section 5.1. */
const fieldName = /^[\w!#$%&'*+.^`|~-]+$/;

/** As ebpf/include/captured_headers.h has them. */
const capturedNames = { most: 8, longest: 64 } as const;

/** Names of HTTP headers, in lower case, each once. */
export const headerNames: Parser<readonly string[]> = (value) => {
  const names = [...new Set(words(value).map((name) => name.toLowerCase()))];
  const isValid = names.every((name) => fieldName.test(name) && name.length <= capturedNames.longest);
  if (isValid && names.length <= capturedNames.most) return names;
  throw new InvalidValue(
    `at most ${capturedNames.most} header names of at most ${capturedNames.longest} characters, separated by commas: x-request-id,content-type`,
  );
};

/** Process ids of Linux go up to 2^22. */
const pid = integer(1, 2 ** 22);

export const pids: Parser<readonly number[]> = (value) => {
  const found = [...new Set(words(value).map(pid))];
  if (found.length === 0) throw new InvalidValue("a process id");
  return found;
};

/** "key=value,key2=value2", percent-encoded, as W3C baggage without properties. Later keys win. */
export const keyValues: Parser<Readonly<Record<string, string>>> = (value) =>
  Object.fromEntries(words(value).map(keyValue));

function keyValue(pair: string): [string, string] {
  const equals = pair.indexOf("=");
  if (equals > 0) {
    try {
      const key = decodeURIComponent(pair.slice(0, equals).trim());
      if (key !== "") return [key, decodeURIComponent(pair.slice(equals + 1).trim())];
    } catch {
      // A stray "%": said below like the other faults.
    }
  }
  throw new InvalidValue(
    "key=value,key2=value2 with special characters percent-encoded (%2C is a comma, %25 a percent sign)",
  );
}

/** Key and value lists whose keys are HTTP field names; the names come back in lower case. */
export const headers: Parser<Readonly<Record<string, string>>> = (value) => {
  const entries = Object.entries(keyValues(value));
  for (const [name, content] of entries) {
    if (!fieldName.test(name)) throw new InvalidValue("header names of letters, digits and -");
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(content))
      throw new InvalidValue("header values without line breaks");
  }
  return Object.fromEntries(entries.map(([name, content]) => [name.toLowerCase(), content]));
};
