import { basename } from "node:path";
import { targetMessage } from "../report/target.ts";
import { heldCapabilities } from "./capabilities.ts";
import { refuseWhatNoProcessRuns } from "./file.ts";
import { tryRead } from "./proc.ts";
import type { SeenLink } from "./scan.ts";

/** More than so many lines of hints help nobody. */
const mostHints = 5;

/**
 * Processes that come near to running `path`, as lines for the user.
 * @throws UserError when one of them shows that waiting is in vain, because the path is a script
 */
export function nearMisses(path: string, seen: ReadonlyMap<number, SeenLink>): string[] {
  const hints: string[] = [];
  let denied = 0;
  for (const [pid, link] of seen) {
    if (link === "denied") denied++;
    if (typeof link === "string") continue;
    const hint = nearMiss(path, pid, link.path);
    if (hint && hints.length < mostHints) hints.push(hint);
  }
  return denied === 0
    ? hints
    : [...hints, targetMessage.denied(denied, heldCapabilities().has("CAP_SYS_PTRACE"))];
}

function nearMiss(path: string, pid: number, running: string): string | undefined {
  if (basename(running) === basename(path)) return targetMessage.sameName(pid, running);
  const words = tryRead(`/proc/${pid}/cmdline`, 16_384)?.toString().split("\0") ?? [];
  if (words.includes(path)) refuseWhatNoProcessRuns(path, `/proc/${pid}/root`);
  return words.some((word) => basename(word) === basename(path))
    ? targetMessage.inArguments(pid, running)
    : undefined;
}
