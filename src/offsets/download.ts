import { sourceFault, urlText } from "../report/offsets.ts";
import { tooLarge } from "./read-bounded.ts";
import { BadOffsets } from "./table.ts";

export interface Limits {
  /** Aborted when the user wants to stop. */
  readonly signal: AbortSignal;
  /** For each file. */
  readonly seconds: number;
}

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
    const response = await fetch(url, {
      headers: authorization === undefined ? {} : { authorization },
      signal: AbortSignal.any([signal, timeout]),
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw sourceFault.status(urlText(url), response.status);
    }
    return await bodyOf(response, limit);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (timeout.aborted) throw sourceFault.noAnswer(urlText(url), seconds);
    // What fetch and the body's stream throw; the system's own error is the cause.
    throw error instanceof TypeError ? connectionFault(urlText(url), error) : error;
  }
}

async function bodyOf({ body }: Response, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > limit) throw new BadOffsets(tooLarge(limit));
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function connectionFault(file: string, error: TypeError): Error {
  const { code = "", message = error.message } = (error.cause ?? {}) as NodeJS.ErrnoException;
  if (/CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(code)) return sourceFault.certificate(file, code);
  // Several addresses of one host fail together, with an empty message.
  return sourceFault.unreachable(file, message || code || error.message);
}
