import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_URL_SCHEME,
  METRIC_HTTP_SERVER_REQUEST_DURATION,
} from "@opentelemetry/semantic-conventions";
import type { DurationMetric } from "../../../descriptor.ts";
import { httpDurationBoundaries } from "../../../http.ts";

/** The server's address is what a client wrote into its Host: anybody could make any number of series. */
export const duration: DurationMetric = {
  name: METRIC_HTTP_SERVER_REQUEST_DURATION,
  description: "Duration of HTTP server requests.",
  boundaries: httpDurationBoundaries,
  attributes: [
    ATTR_HTTP_REQUEST_METHOD,
    ATTR_URL_SCHEME,
    ATTR_HTTP_ROUTE,
    ATTR_HTTP_RESPONSE_STATUS_CODE,
    ATTR_NETWORK_PROTOCOL_VERSION,
    ATTR_ERROR_TYPE,
  ],
};
