/** Where newer offsets come from, and when, as it is written. */
import { resolve } from "node:path";
import { Cron } from "croner";
import type { OffsetsSource } from "./config.ts";
import { basicAuthorization } from "./endpoint.ts";
import { InvalidValue, type Parser } from "./values.ts";

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
