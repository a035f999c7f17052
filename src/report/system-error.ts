import { getSystemErrorMap } from "node:util";

/** "too many symbolic links encountered (ELOOP)" for "ELOOP"; a code that has no words stands alone. */
export function systemWords(code: string): string {
  for (const [name, words] of getSystemErrorMap().values()) if (name === code) return `${words} (${code})`;
  return code;
}
