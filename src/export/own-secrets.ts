/** What a server says may repeat what it was sent: "unknown API key 5f2c…". None of it may get into a log. */
import type { OtlpOptions } from "../config/config.ts";
import { redacted } from "../libraries/secret-names.ts";

/** Characters. Shorter values ("1", "prod", "Bearer") are ordinary words of a message, and no keys. */
const shortest = 8;

/** Takes the values of the headers that are sent, and the credentials of the endpoint's URL, out of a text. */
export function withoutSecrets({
  endpoint,
  headers,
}: Pick<OtlpOptions, "endpoint" | "headers">): (text: string) => string {
  const values = [...Object.values(headers), ...credentialsIn(new URL(endpoint))];
  // The scheme stands before the key: "Bearer abc".
  const secrets = [...values, ...values.flatMap((value) => value.split(/\s+/))]
    .filter(({ length }) => length >= shortest)
    .sort((a, b) => b.length - a.length);
  return (text) => secrets.reduce((rest, secret) => rest.replaceAll(secret, redacted), text);
}

/** As they stand in the URL, and as they are sent. */
function credentialsIn({ username, password }: URL): string[] {
  if (username === "" && password === "") return [];
  const [user, secret] = [username, password].map(decoded);
  return [password, secret ?? "", Buffer.from(`${user}:${secret}`).toString("base64")];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
