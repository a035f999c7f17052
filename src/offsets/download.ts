// fetch would do the same, but Node's takes 20 MB of memory for good, which a sidecar has better uses for; http is
// loaded anyway, for the export of spans.
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { sourceFault, urlText } from "../report/offsets.ts";
import { UserError } from "../report/user-error.ts";
import { BadOffsets, tooLarge } from "./table.ts";

export interface Limits {
  /** Aborted when the user wants to stop. */
  readonly signal: AbortSignal;
  /** For each file. */
  readonly seconds: number;
}

const maxRedirects = 5;

/**
 * The body of a file on a web server; redirects are followed.
 * @throws BadOffsets above `limit` bytes, UserError when the server can't be reached or doesn't have the file, and
 * the signal's reason when it is aborted
 */
export async function download(
  url: URL,
  authorization: string | undefined,
  limit: number,
  { signal, seconds }: Limits,
): Promise<Buffer> {
  const timeout = AbortSignal.timeout(seconds * 1000);
  try {
    const response = await follow(url, authorization, AbortSignal.any([signal, timeout]));
    if (response.statusCode === 200) return await bodyOf(response, limit);
    response.destroy();
    throw sourceFault.status(urlText(url), response.statusCode ?? 0);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (timeout.aborted) throw sourceFault.noAnswer(urlText(url), seconds);
    if (error instanceof UserError || error instanceof BadOffsets) throw error;
    throw connectionFault(urlText(url), error as NodeJS.ErrnoException);
  }
}

/** The first answer that is no redirect. */
async function follow(
  start: URL,
  authorization: string | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  let url = start;
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    // Credentials are for the server that the user named.
    const response = await get(url, url.origin === start.origin ? authorization : undefined, signal);
    const { statusCode = 0, headers } = response;
    if (statusCode < 300 || statusCode > 399 || headers.location === undefined) return response;
    response.destroy();
    url = redirected(url, headers.location);
  }
  throw new Error(`more than ${maxRedirects} redirects`);
}

function redirected(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to?.protocol === "https:" || (to?.protocol === "http:" && from.protocol === "http:")) return to;
  throw new Error(to ? `a redirect from ${from.protocol} to ${to.protocol}` : "a redirect to nowhere");
}

function get(url: URL, authorization: string | undefined, signal: AbortSignal): Promise<IncomingMessage> {
  const headers = authorization === undefined ? {} : { authorization };
  return new Promise((resolve, reject) => {
    const request = url.protocol === "https:" ? https.get : http.get;
    // Without an agent the connection ends with the answer.
    request(url, { headers, signal, agent: false }, resolve).on("error", reject);
  });
}

async function bodyOf(response: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function connectionFault(file: string, { code = "", message }: NodeJS.ErrnoException): Error {
  if (/CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(code)) return sourceFault.certificate(file, code);
  // Several addresses of one host fail together, with an empty message.
  return sourceFault.unreachable(file, message || code);
}
