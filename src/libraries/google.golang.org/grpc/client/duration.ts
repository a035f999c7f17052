import { ATTR_ERROR_TYPE, ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT } from "@opentelemetry/semantic-conventions";
import {
  ATTR_RPC_METHOD,
  ATTR_RPC_RESPONSE_STATUS_CODE,
  ATTR_RPC_SERVICE,
  ATTR_RPC_SYSTEM_NAME,
  METRIC_RPC_CLIENT_CALL_DURATION,
} from "@opentelemetry/semantic-conventions/incubating";
import type { DurationMetric } from "../../../descriptor.ts";
import { httpDurationBoundaries } from "../../../http.ts";

/** https://opentelemetry.io/docs/specs/semconv/rpc/rpc-metrics/, which gives it the same buckets as HTTP's. */
export const duration: DurationMetric = {
  name: METRIC_RPC_CLIENT_CALL_DURATION,
  description: "Measures the duration of an outgoing Remote Procedure Call (RPC).",
  boundaries: httpDurationBoundaries,
  attributes: [
    ATTR_RPC_SYSTEM_NAME,
    ATTR_RPC_SERVICE,
    ATTR_RPC_METHOD,
    ATTR_RPC_RESPONSE_STATUS_CODE,
    ATTR_SERVER_ADDRESS,
    ATTR_SERVER_PORT,
    ATTR_ERROR_TYPE,
  ],
};
