import {
  ATTR_DB_COLLECTION_NAME,
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_SUMMARY,
  ATTR_DB_STORED_PROCEDURE_NAME,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  METRIC_DB_CLIENT_OPERATION_DURATION,
} from "@opentelemetry/semantic-conventions";
import type { DurationMetric } from "../../descriptor.ts";

/** https://opentelemetry.io/docs/specs/semconv/database/database-metrics/ */
export const duration: DurationMetric = {
  name: METRIC_DB_CLIENT_OPERATION_DURATION,
  description: "Duration of database client operations.",
  boundaries: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
  attributes: [
    ATTR_DB_SYSTEM_NAME,
    ATTR_DB_NAMESPACE,
    ATTR_DB_OPERATION_NAME,
    ATTR_DB_COLLECTION_NAME,
    ATTR_DB_STORED_PROCEDURE_NAME,
    ATTR_DB_QUERY_SUMMARY,
    ATTR_SERVER_ADDRESS,
    ATTR_SERVER_PORT,
    ATTR_ERROR_TYPE,
  ],
};
