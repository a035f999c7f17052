/** What the agent says about offsets.json. */
import { printable, printablePath } from "./printable.ts";

export function unusableOffsets(path: string, why: string): string {
  return `${printablePath(path)} is left out: ${printable(why)}`;
}
