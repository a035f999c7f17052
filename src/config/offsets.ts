import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { noOffsetsSource } from "../report/config.ts";
import type { OffsetsOptions } from "./config.ts";
import type { Environment } from "./read.ts";
import type { Said } from "./settings.ts";

export const offsetsSettings = ["offsetsFrom", "offsetsSchedule", "offsetsFile"] as const;

/** @throws UserError (usage) for a schedule without a source */
export function offsetsOptions(
  said: Pick<Said, (typeof offsetsSettings)[number]>,
  environment: Environment,
): OffsetsOptions {
  const { offsetsFrom: from, offsetsSchedule: schedule, offsetsFile: file } = said;
  if (schedule !== undefined && from === undefined) throw noOffsetsSource();
  return { from, schedule, file: offsetsFile(file, environment) };
}

/** Where updates are kept, as it was said or by default. */
export function offsetsFile(said: string | undefined, environment: Environment): string {
  return resolve(said ?? defaultFile(environment));
}

const name = "otel-go-auto/offsets.json";

/** https://specifications.freedesktop.org/basedir-spec: a relative XDG_STATE_HOME is to be ignored. */
function defaultFile({ XDG_STATE_HOME: state, HOME: home }: Environment): string {
  if (process.geteuid?.() === 0) return join("/var/lib", name);
  return state?.startsWith("/") ? join(state, name) : join(home || homeOfUser(), ".local/state", name);
}

/** A container's user often has no entry in its passwd file. */
function homeOfUser(): string {
  try {
    return homedir();
  } catch {
    return "/";
  }
}
