import type { Attributes } from "@opentelemetry/api";

/** Stable attribute → its name before the HTTP conventions became stable (semantic conventions 1.20). */
const older: Readonly<Record<string, string>> = {
  "http.request.method": "http.method",
  "http.request.resend_count": "http.resend_count",
  "http.response.status_code": "http.status_code",
  "http.request.body.size": "http.request_content_length",
  "http.response.body.size": "http.response_content_length",
  "url.full": "http.url",
  "server.address": "net.peer.name",
  "server.port": "net.peer.port",
  "network.protocol.version": "net.protocol.version",
};

/** The attributes again under their older names, for OTEL_SEMCONV_STABILITY_OPT_IN=http/dup. */
export function olderNames(attributes: Attributes): Attributes {
  const names = Object.entries(attributes).flatMap(([name, value]) => {
    const olderName = older[name];
    return olderName === undefined ? [] : [[olderName, value] as const];
  });
  return Object.fromEntries(names);
}
