/** Does the endpoint take what would be sent to it? Asked by an empty request, which OTLP allows. */
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { connect } from "node:net";
import type { OtlpOptions } from "../config/config.ts";
import { failureCauses as causes, type FailureCause } from "../report/export.ts";
import { causeOf } from "./failure.ts";
import { CutAnswerError } from "./sender.ts";
import { createSender } from "./senders.ts";
import type { Signal } from "./signal.ts";
import { spokenAt } from "./spoken-protocol.ts";
import { within } from "./within.ts";

/** Milliseconds for each step. */
const checkTimeout = 3000;

export type EndpointCheck =
  | { readonly ok: true }
  /** How far it got: the name was not found, nobody took the connection, or the request was not accepted. */
  | { readonly ok: false; readonly step: "name" | "connection" | "request"; readonly cause: FailureCause };

/**
 * Sends an empty request with the headers, TLS files and protocol that are configured.
 * `viaProxy`: neither name nor port of the endpoint is ours to reach.
 * @throws UserError when a TLS file can't be used
 */
export async function checkEndpoint(
  signal: Signal,
  configured: OtlpOptions,
  viaProxy = false,
): Promise<EndpointCheck> {
  const options = { ...configured, timeoutMs: Math.min(configured.timeoutMs, checkTimeout) };
  const url = new URL(options.endpoint);
  if (!viaProxy) {
    const failed = await reach(url, signal, options);
    if (failed) return failed;
  }
  const error = await refusalOf(signal, options);
  if (error === undefined) return { ok: true };
  const cause =
    (viaProxy ? undefined : await otherProtocol(url, options)) ?? causeOf(error, options, signal.words);
  return { ok: false, step: "request", cause };
}

async function reach(url: URL, signal: Signal, options: OtlpOptions): Promise<EndpointCheck | undefined> {
  const host = hostOf(url);
  try {
    await within(checkTimeout, lookup(host));
  } catch {
    return { ok: false, step: "name", cause: causes.unknownHost(host) };
  }
  try {
    await open(host, portOf(url));
    return undefined;
  } catch (error) {
    return { ok: false, step: "connection", cause: causeOf(error as Error, options, signal.words) };
  }
}

async function open(host: string, port: number): Promise<void> {
  const socket = connect({ host, port });
  try {
    await within(checkTimeout, once(socket, "connect"));
  } finally {
    socket.on("error", () => {}).destroy();
  }
}

/** Undefined when the request was accepted. */
async function refusalOf(signal: Signal, options: OtlpOptions): Promise<Error | undefined> {
  const sender = await createSender(signal, options, () => {});
  try {
    const bytes = Buffer.from(options.protocol === "http/json" ? "{}" : "");
    const result = await sender.send({ items: 0, bytes });
    if (!result.ok) return result.error;
    return result.cut ? new CutAnswerError() : undefined;
  } finally {
    sender.close();
  }
}

/** What is spoken there instead of what is configured; undefined when that is not what stands in the way. */
async function otherProtocol(url: URL, { protocol }: OtlpOptions): Promise<FailureCause | undefined> {
  const spoken = await spokenAt(hostOf(url), portOf(url));
  if (spoken === undefined) return undefined;
  const secure = url.protocol === "https:";
  const port = String(portOf(url));
  if (spoken.tls && !secure) return causes.onlyTls(port);
  if (!spoken.tls && secure) return causes.notTls();
  // Behind TLS a port may well speak both, and prefers HTTP/2.
  if (spoken.tls) return undefined;
  if (spoken.http === 2 && protocol !== "grpc") return causes.speaksGrpc(port, protocol);
  if (spoken.http === 1 && protocol === "grpc") return causes.speaksHttp(port);
  return undefined;
}

/** IPv6 addresses stand in brackets in a URL. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}

function portOf({ port, protocol }: URL): number {
  return Number(port || (protocol === "https:" ? 443 : 80));
}
