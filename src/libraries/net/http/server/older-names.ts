import type { Attributes } from "@opentelemetry/api";

/** Stable attribute → its name before the HTTP conventions became stable (semantic conventions 1.20). */
const older: Readonly<Record<string, string>> = {
  "http.request.method": "http.method",
  "http.response.status_code": "http.status_code",
  "http.request.body.size": "http.request_content_length",
  "http.response.body.size": "http.response_content_length",
  "url.scheme": "http.scheme",
  "server.address": "net.host.name",
  "server.port": "net.host.port",
  "client.address": "http.client_ip",
  "network.peer.address": "net.sock.peer.addr",
  "network.peer.port": "net.sock.peer.port",
  "network.protocol.version": "net.protocol.version",
  "user_agent.original": "http.user_agent",
};

/** The attributes again under their older names, for OTEL_SEMCONV_STABILITY_OPT_IN=http/dup. */
export function olderNames(attributes: Attributes): Attributes {
  const names: Attributes = {};
  for (const [name, value] of Object.entries(attributes)) {
    const olderName = older[name];
    if (olderName !== undefined && value !== undefined) names[olderName] = value;
  }
  const query = attributes["url.query"];
  names["http.target"] = `${attributes["url.path"]}${query ? `?${query}` : ""}`;
  return names;
}
