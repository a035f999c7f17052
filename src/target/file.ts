import { type Stats, statSync } from "node:fs";
import * as report from "../report/target.ts";
import { tryRead } from "./proc.ts";

/**
 * Whether `path` is seen to exist below `root`.
 * @throws UserError (usage) when it is there but can never be a process's executable
 */
export function refuseWhatNoProcessRuns(path: string, root = ""): boolean {
  const stat = tryStat(`${root}${path}`);
  if (stat === undefined) return false;
  if (stat.isDirectory()) throw report.isDirectory(path);
  const head = tryRead(`${root}${path}`, 256)?.toString("latin1");
  if (head === undefined) return true;
  if (head.startsWith("#!")) throw report.isScript(path, head.slice(2).trim().split("\n", 1)[0] ?? "");
  if (!head.startsWith("\x7fELF")) throw report.notElf(path);
  return true;
}

/** A folder on the way may be closed to us; the target's may be open to it. */
function tryStat(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
