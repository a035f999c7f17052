import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  METRIC_HTTP_CLIENT_REQUEST_DURATION,
} from "@opentelemetry/semantic-conventions";
import type { DurationMetric } from "../../../descriptor.ts";
import { httpDurationBoundaries } from "../../../http.ts";

export const duration: DurationMetric = {
  name: METRIC_HTTP_CLIENT_REQUEST_DURATION,
  description: "Duration of HTTP client requests.",
  boundaries: httpDurationBoundaries,
  attributes: [
    ATTR_HTTP_REQUEST_METHOD,
    ATTR_SERVER_ADDRESS,
    ATTR_SERVER_PORT,
    ATTR_HTTP_RESPONSE_STATUS_CODE,
    ATTR_NETWORK_PROTOCOL_VERSION,
    ATTR_ERROR_TYPE,
  ],
};
