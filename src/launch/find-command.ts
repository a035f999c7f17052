import { accessSync, constants, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { commandNotFound, notExecutable } from "../report/launch.ts";

/** What a shell without a PATH looks through. */
const usualPath = "/usr/local/bin:/usr/bin:/bin";

/**
 * The absolute path of the file that a command names, as execvp finds it: a name without a slash in PATH.
 * @throws UserError (noTarget) when there is none, (noPermission) when this user may not execute it
 */
export function findCommand(name: string, path = process.env.PATH ?? usualPath): string {
  const places = name.includes("/") ? [name] : path.split(":").map((folder) => join(folder || ".", name));
  const files = places.filter(isFile);
  const found = files.find(isExecutable);
  if (found !== undefined) return resolve(found);
  throw files[0] === undefined ? commandNotFound(name) : notExecutable(files[0]);
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
