/**
 * Text of others (a target's names, a server's answers) for a terminal or a log line: control characters, among them
 * the ESC that begins escape sequences, and characters that reverse or hide text become "�".
 * Clipped to `limit` characters with "…".
 */
export function printable(text: string, limit = 200): string {
  const clean = text.replaceAll(unprintable, "�");
  return clean.length <= limit ? clean : `${clean.slice(0, limit - 1).replace(loneSurrogate, "")}…`;
}

/** Cc and Cf of Unicode (C0, C1, bidirectional and zero-width controls), line separators, lone surrogates. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

const loneSurrogate = /[\ud800-\udbff]$/;

/** Longest path of Linux (PATH_MAX), in bytes. */
const maxPath = 4096;

export function printablePath(path: string): string {
  return printable(path, maxPath);
}

/** JSON on several lines; what a terminal would take as a command stands as \\u escapes, so that nothing is lost. */
export function printableJson(value: unknown): string {
  return escaped(JSON.stringify(value, undefined, 2));
}

/** The same on one line. */
export function printableJsonLine(value: unknown): string {
  return escaped(JSON.stringify(value));
}

function escaped(json: string): string {
  const asEscape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return json.replace(unprintable, (character) =>
    character === "\n" ? character : character.split("").map(asEscape).join(""),
  );
}

/** The last guard before a terminal: lines and tabs stay, nothing else that controls it. */
export function printableLines(text: string): string {
  return text.replace(/[^\n\t]+/g, (part) => part.replaceAll(unprintable, "�"));
}
