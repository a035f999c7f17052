import type { GoVersion } from "./types.ts";

/** "go1.26.8", "go1.27rc1", "devel go1.28-abcdef Tue …", "go1.24.1 X:noswissmap"; undefined for anything else. */
export function parseGoVersion(text: string): GoVersion | undefined {
  const match = /\bgo(\d{1,4})\.(\d{1,4})(?:\.(\d{1,6}))?/.exec(text);
  if (!match) return undefined;
  return { text, major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3] ?? 0) };
}
