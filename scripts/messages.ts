/** Every message of src/report, found by calling what it exports with blanks for all that differs from host to host. */
import { join } from "node:path";
import { UserError } from "../src/report/user-error.ts";
import { filesBelow } from "./files.ts";

export interface Message {
  /** "…" stands for what differs. */
  readonly what: string;
  readonly why?: string | undefined;
  readonly works?: string | undefined;
  readonly next?: string | undefined;
}

export interface MessageGroup {
  /** Of the file, for example "kernel". */
  readonly name: string;
  readonly messages: readonly Message[];
}

/** Files that hold tools, or the text of a whole command, and no single messages. */
const without = [
  "capabilities",
  "colors",
  "count",
  "doctor",
  // Each check says why and what to do by itself.
  "doctor-words",
  "exit-code",
  "inspection",
  "inspection-document",
  "inspection-text",
  "log",
  "output",
  "printable",
  "signals",
  "start-report",
  // What it exports changes the streams of the process that calls it.
  "streams",
  "supported-versions",
  "table",
  "user-error",
  "version",
];

export async function allMessages(): Promise<readonly MessageGroup[]> {
  const root = join(import.meta.dirname, "..");
  const groups: MessageGroup[] = [];
  for (const file of filesBelow("src/report", ".ts").sort()) {
    const name = file.replace(/^src\/report\/(.*)\.ts$/, "$1");
    if (without.includes(name)) continue;
    const exported: Record<string, unknown> = await import(join(root, file));
    const found = Object.values(exported).flatMap(messagesOf);
    const messages = distinct(found);
    if (messages.length > 0) groups.push({ name, messages });
  }
  return groups;
}

/** The first of those that say the same for the same reason. */
function distinct(messages: readonly Message[]): readonly Message[] {
  const byText = new Map<string, Message>();
  for (const message of messages) {
    const key = `${message.what}\n${message.why}`;
    if (!byText.has(key)) byText.set(key, message);
  }
  return [...byText.values()];
}

function messagesOf(value: unknown): Message[] {
  if (typeof value === "string") return isSentence(value) ? [{ what: value }] : [];
  if (blanks.has(value as object)) return [];
  if (typeof value === "function") return isClass(value) ? [] : called(value as AnyFunction);
  if (value instanceof UserError) return [explained(value.explanation)];
  if (typeof value !== "object" || value === null) return [];
  if ("what" in value || ("why" in value && "next" in value)) return [explained(value)];
  return Object.values(value).flatMap(messagesOf);
}

type AnyFunction = (...parameters: readonly unknown[]) => unknown;

function isClass(value: object): boolean {
  return Object.prototype.toString.call(value) === "[object Function]" && /^class\b/.test(String(value));
}

function isSentence(text: string): boolean {
  return text.trim().split(/\s+/).length >= 3;
}

function explained(value: object): Message {
  const text = (name: string) => {
    const found = (value as Record<string, unknown>)[name];
    return found === undefined ? undefined : String(found);
  };
  // A cause that stands in several messages has only its own half.
  return {
    what: text("what") ?? text("why") ?? "",
    why: text("what") && text("why"),
    works: text("works"),
    next: text("next"),
  };
}

/** Stands for an address, where a text must be one. */
const address = "http://collector:4318/v1/traces";

/** What a function says with each kind of parameters; those that it can't take are none of its own. */
function called(message: AnyFunction): Message[] {
  return [blank("…"), blank(address), undefined, false].flatMap((parameter) => {
    try {
      const said = message(...Array.from({ length: 8 }, () => parameter));
      return messagesOf(typeof said === "string" ? withoutLines(said) : said)
        .map(withBlanks)
        .filter(({ what }) => what !== "…")
        .filter(({ what, why = "x", next = "x" }) => ![what, why, next].some((text) => leftOut.test(text)));
    } catch {
      return [];
    }
  });
}

function withBlanks({ what, why, works, next }: Message): Message {
  const text = (part: string | undefined) => part?.replaceAll(address, "…").replaceAll(/…(\.…)+/g, "…");
  return { what: text(what) ?? "", why: text(why), works: text(works), next: text(next) };
}

/** Marks of a parameter that was not meant for this message: holes, and values that nobody would write out. */
const leftOut = /undefined|\b0 MiB|NaN|\bfalses?\b|\[(object|\s|\]|")|^$|^\s|\s$| {2}|\(\)|\s[,;)]/;

/** An explanation that is a text already: its first line. */
function withoutLines(text: string): string | Message {
  const part = (name: string) => new RegExp(`^  ${name}: (.*)$`, "m").exec(text)?.[1];
  const [what = ""] = text.split("\n");
  return part("next") ? { what, why: part("why"), works: part("still works"), next: part("next") } : what;
}

const blanks = new WeakSet<object>();

/** Stands for a text, a number, a list or an object: whatever is asked of it, it is `text` when it is written out. */
function blank(text: string): unknown {
  const asText = () => text;
  const asList = () => [blank(text)];
  const answers: Record<PropertyKey, unknown> = {
    [Symbol.toPrimitive]: asText,
    toString: asText,
    toJSON: asText,
    toLocaleString: asText,
    replace: asText,
    replaceAll: asText,
    trim: asText,
    toFixed: asText,
    toUpperCase: asText,
    join: asText,
    split: asList,
    filter: asList,
    slice: asList,
    concat: asList,
    map: (make: (one: unknown) => unknown) => asList().map(make),
    flatMap: (make: (one: unknown) => unknown) => asList().flatMap(make),
    [Symbol.iterator]: () => asList()[Symbol.iterator](),
    length: 2,
  };
  const made = new Proxy(() => {}, {
    get: (_, name) => (name in answers ? answers[name] : blank(text)),
    apply: () => blank(text),
  });
  blanks.add(made);
  return made;
}
