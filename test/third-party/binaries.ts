import { closeSync, openSync, readSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { goCommand } from "../fixtures/go-binaries.ts";

/** What the go command reads out of a program. */
export interface Truth {
  readonly version: string;
  /** Number of modules that were linked. */
  readonly modules: number;
}

/** Every executable of linux below the folder. */
export async function executablesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.filter(isExecutable).sort();
}

/** An ELF file that isn't a shared library by its name: those are another test's. */
function isExecutable(path: string): boolean {
  if (/\.(so|node)(\.|$)/.test(path)) return false;
  const start = Buffer.alloc(4);
  const file = openSync(path, "r");
  try {
    readSync(file, start, 0, 4, 0);
  } finally {
    closeSync(file);
  }
  return start.toString("latin1") === "\x7fELF";
}

/** Undefined when the go command finds no build info in it. */
export async function askGo(path: string): Promise<Truth | undefined> {
  const text = await goCommand("1.26.8", ["version", "-m", path]).catch(() => undefined);
  const version = text?.split("\n", 1)[0]?.split(": ")[1];
  if (text === undefined || version === undefined) return undefined;
  return { version, modules: [...text.matchAll(/^\tdep\t/gm)].length };
}
