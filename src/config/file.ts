/** The config file: what stands in it, checked against the table of settings, as texts for their parsers. */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { fileFaults, fileUnreadable } from "../report/config-file.ts";
import { collectEntries } from "./file-entries.ts";
import type { FileSettings } from "./file-settings.ts";
import type { Environment } from "./read.ts";
import { parseYaml } from "./yaml.ts";

/** Bytes. A file with every setting has 4,000. */
const maxSize = 1 << 20;

/**
 * What the file at this path says. Variables that it names are those of `environment`.
 * @throws UserError (usage) for the first fault, with its line and column
 */
export function readConfigFile(path: string, environment: Environment): FileSettings {
  return parseConfigFile(path, readText(path), environment);
}

/** The same of a file that was read already. */
export function parseConfigFile(path: string, text: string, environment: Environment): FileSettings {
  return { path, entries: collectEntries(path, parseYaml(path, text), environment) };
}

/** The text of a regular file. Throws a UserError (usage). */
export function readText(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readBounded(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : fileUnreadable(path, fileFaults.code(code));
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw fileUnreadable(path, fileFaults.notText);
  }
}

function readBounded(path: string): Buffer {
  // A pipe without a writer must not hold the agent up.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    if (!fstatSync(fd).isFile()) throw fileUnreadable(path, fileFaults.notFile);
    const bytes = Buffer.alloc(maxSize + 1);
    let length = 0;
    for (let got = -1; got !== 0; length += got)
      got = readSync(fd, bytes, length, bytes.length - length, null);
    if (length > maxSize) throw fileUnreadable(path, fileFaults.tooLarge(maxSize));
    return bytes.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}
