import {
  ATTR_ERROR_TYPE,
  ATTR_RPC_METHOD,
  ATTR_RPC_SYSTEM_NAME,
  METRIC_RPC_SERVER_CALL_DURATION,
} from "@opentelemetry/semantic-conventions";
import {
  ATTR_RPC_RESPONSE_STATUS_CODE,
  ATTR_RPC_SERVICE,
} from "@opentelemetry/semantic-conventions/incubating";
import type { DurationMetric } from "../../../descriptor.ts";
import { httpDurationBoundaries } from "../../../http.ts";

/** The server's address is what a client wrote into its :authority: anybody could make any number of series. */
export const duration: DurationMetric = {
  name: METRIC_RPC_SERVER_CALL_DURATION,
  description: "Measures the duration of an incoming Remote Procedure Call (RPC).",
  boundaries: httpDurationBoundaries,
  attributes: [
    ATTR_RPC_SYSTEM_NAME,
    ATTR_RPC_SERVICE,
    ATTR_RPC_METHOD,
    ATTR_RPC_RESPONSE_STATUS_CODE,
    ATTR_ERROR_TYPE,
  ],
};
