import { createHash } from "node:crypto";
import { BadOffsets } from "./table.ts";

/** In lower case hexadecimal. */
export function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** What sha256sum writes: the sum, a space, a space or "*", the name. The sum alone is taken too. */
export function parseChecksum(text: string): string {
  const [, sum] = /^\\?([0-9a-f]{64})(\s|$)/i.exec(text) ?? [];
  if (sum === undefined) throw new BadOffsets("it is not in sha256sum's format");
  return sum.toLowerCase();
}
