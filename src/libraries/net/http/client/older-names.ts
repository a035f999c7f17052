import type { Attributes } from "@opentelemetry/api";
import { type OlderNames, underOlderNames } from "../../../http-older-names.ts";

const older: OlderNames = {
  "http.request.resend_count": "http.resend_count",
  "url.full": "http.url",
  "server.address": "net.peer.name",
  "server.port": "net.peer.port",
};

export function olderNames(attributes: Attributes): Attributes {
  return underOlderNames(attributes, older);
}
