import type { Attributes } from "@opentelemetry/api";

/** Stable attribute → its name before the HTTP conventions became stable (semantic conventions 1.20). */
export type OlderNames = Readonly<Record<string, string>>;

/** Those that are the same for servers and clients. */
const common: OlderNames = {
  "http.request.method": "http.method",
  "http.response.status_code": "http.status_code",
  "http.request.body.size": "http.request_content_length",
  "http.response.body.size": "http.response_content_length",
  "network.protocol.version": "net.protocol.version",
};

/** The attributes again under their older names, for OTEL_SEMCONV_STABILITY_OPT_IN=http/dup. */
export function underOlderNames(attributes: Attributes, own: OlderNames): Attributes {
  const names: Attributes = {};
  for (const [name, value] of Object.entries(attributes)) {
    const older = common[name] ?? own[name];
    if (older !== undefined && value !== undefined) names[older] = value;
  }
  return names;
}
