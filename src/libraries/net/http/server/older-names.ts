import type { Attributes } from "@opentelemetry/api";
import { type OlderNames, underOlderNames } from "../../../http-older-names.ts";

const older: OlderNames = {
  "url.scheme": "http.scheme",
  "server.address": "net.host.name",
  "server.port": "net.host.port",
  "client.address": "http.client_ip",
  "network.peer.address": "net.sock.peer.addr",
  "network.peer.port": "net.sock.peer.port",
  "user_agent.original": "http.user_agent",
};

export function olderNames(attributes: Attributes): Attributes {
  const names = underOlderNames(attributes, older);
  const query = attributes["url.query"];
  names["http.target"] = `${attributes["url.path"]}${query ? `?${query}` : ""}`;
  return names;
}
