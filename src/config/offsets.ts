import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { Cron } from "croner";
import { noOffsetsSource } from "../report/config.ts";
import { basicAuthorization } from "./endpoint.ts";
import type { Environment } from "./read.ts";
import type { Said } from "./settings.ts";
import { InvalidValue, type Parser } from "./values.ts";

/** Where newer offsets come from. `authorization` is what stood in front of an "@", and must not be shown. */
export type OffsetsSource =
  | { readonly kind: "url"; readonly url: string; readonly authorization: string | undefined }
  | { readonly kind: "path"; readonly path: string };

export interface OffsetsOptions {
  readonly from: OffsetsSource | undefined;
  /** A cron expression, in UTC. */
  readonly schedule: string | undefined;
  /** Absolute path of the file that updates are kept in. */
  readonly file: string;
}

/** "https://…/offsets.json", "https://…/" (the file of that name in it), or the path of a file or folder. */
export const offsetsSource: Parser<OffsetsSource> = (value) => {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return { kind: "path", path: resolve(value) };
  if (!/^https?:\/\/[^/?#]/i.test(value) || /\s/.test(value) || !URL.canParse(value)) throw invalidSource();
  const url = new URL(value);
  const authorization = authorizationOf(url);
  url.username = "";
  url.password = "";
  url.hash = "";
  if (url.pathname.endsWith("/")) url.pathname += "offsets.json";
  return { kind: "url", url: url.href, authorization };
};

function authorizationOf(url: URL): string | undefined {
  try {
    return basicAuthorization(url);
  } catch {
    throw invalidSource();
  }
}

function invalidSource(): InvalidValue {
  return new InvalidValue(
    "the URL of an offsets.json (http or https), a file, or a folder that holds offsets.json",
  );
}

/** A cron expression that has a next time. A date, which the library takes as well, is none. */
export const cron: Parser<string> = (value) => {
  try {
    if (!value.includes(":") && new Cron(value, { timezone: "UTC", paused: true }).nextRun()) return value;
  } catch {
    // Said below, with an example.
  }
  throw new InvalidValue('a cron expression, for example "0 3 * * *" for three o\'clock UTC each day');
};

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
