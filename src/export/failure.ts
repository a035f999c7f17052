/** Why did an export fail? From the errors of sockets, TLS, HTTP and gRPC to what a user can do. */

import type { OtlpOptions } from "../config/config.ts";
import { failureCauses as causes, type FailureCause } from "../report/export.ts";
import type { SignalWords } from "../report/signals.ts";
import { CutAnswerError, WebPageError } from "./sender.ts";

type Endpoint = Pick<OtlpOptions, "endpoint" | "protocol" | "timeoutMs">;

export function causeOf(
  error: Error,
  { endpoint, protocol, timeoutMs }: Endpoint,
  words: SignalWords,
): FailureCause {
  const url = new URL(endpoint);
  const code: unknown = "code" in error ? error.code : undefined;
  if (typeof code === "string") return socketCause(code, error, url, words);
  if (typeof code === "number") {
    return protocol === "grpc"
      ? grpcCause(code, error, url, timeoutMs, words)
      : httpCause(code, error, url, words);
  }
  if (error instanceof WebPageError) return causes.webPage();
  if (error instanceof CutAnswerError) return causes.cutAnswer();
  if (error.message === "Request timed out") return causes.noAnswer(timeoutMs / 1000);
  if (error.message === "Export failed with retryable status") return causes.busy();
  return causes.other(error.message);
}

function socketCause(code: string, error: Error, url: URL, words: SignalWords): FailureCause {
  if (code === "ECONNREFUSED") return causes.refused(url.host, words);
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return causes.unknownHost(url.hostname);
  if (["ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH"].includes(code)) return causes.unreachable(url.host);
  if (code.startsWith("HPE_")) return causes.notHttp(portOf(url));
  if (code === "EPROTO" || code === "ERR_SSL_WRONG_VERSION_NUMBER") return causes.notTls();
  if (untrusted.test(code)) return causes.certificate(code);
  return causes.other(error.message || code);
}

/** Codes of certificate checks: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const untrusted = /CERT|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|CRL/;

function httpCause(status: number, error: Error, url: URL, words: SignalWords): FailureCause {
  const text = `HTTP ${status}`;
  if (status === 401 || status === 403) return causes.denied(text);
  if (status === 404 || status === 405) return causes.wrongPath(text, url.pathname, words);
  if (status === 413) return causes.tooLarge(text, words);
  if (status === 415) return causes.wrongFormat(text);
  const body = "data" in error && typeof error.data === "string" ? error.data : "";
  return causes.other(`${text} ${error.message} ${body}`.trim());
}

/** https://grpc.io/docs/guides/status-codes/ */
export const grpcStatus = {
  cancelled: 1,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  aborted: 10,
  outOfRange: 11,
  unimplemented: 12,
  unavailable: 14,
  dataLoss: 15,
  unauthenticated: 16,
} as const;

function grpcCause(
  status: number,
  error: Error,
  url: URL,
  timeoutMs: number,
  words: SignalWords,
): FailureCause {
  if (status === grpcStatus.unavailable) return unavailableCause(error.message, url, words);
  if (status === grpcStatus.deadlineExceeded) return causes.noAnswer(timeoutMs / 1000);
  if (status === grpcStatus.unauthenticated || status === grpcStatus.permissionDenied)
    return causes.denied(error.message);
  if (status === grpcStatus.unimplemented) return causes.wrongPath(error.message, "its gRPC service", words);
  return causes.other(error.message);
}

/** gRPC wraps what happened to the connection into the text of one status. */
function unavailableCause(message: string, url: URL, words: SignalWords): FailureCause {
  const socketCode = /\b(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|EPROTO)\b/.exec(
    message,
  )?.[1];
  if (socketCode) return socketCause(socketCode, new Error(message), url, words);
  if (/Name resolution failed/.test(message)) return causes.unknownHost(url.hostname);
  if (/certificate|self-signed/i.test(message)) return causes.certificate(message);
  if (/Protocol error|HTTP\/1|ECONNRESET|Connection dropped/i.test(message))
    return causes.notGrpc(portOf(url));
  return causes.other(message);
}

function portOf(url: URL): string {
  return url.port || (url.protocol === "https:" ? "443" : "80");
}
