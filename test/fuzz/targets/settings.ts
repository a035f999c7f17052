// Texts of flags and variables.
import { loadConfig } from "../../../src/config/load.ts";
import { UserError } from "../../../src/report/user-error.ts";
import { bufferSubject, type Target } from "../support/target.ts";

const environments = [
  {
    OTEL_GO_AUTO_TARGET_PID: "4711,12",
    OTEL_SERVICE_NAME: "shop",
    OTEL_RESOURCE_ATTRIBUTES: "service.version=1.2%2E3,deployment.environment.name=a%20b",
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://user:word@collector.example:4318/base?x=1",
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20abc,x-tenant=7",
    OTEL_EXPORTER_OTLP_TIMEOUT: "10000",
    OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
    OTEL_TRACES_SAMPLER_ARG: "0.25",
    OTEL_PROPAGATORS: "tracecontext,baggage,b3",
    OTEL_BSP_MAX_QUEUE_SIZE: "2048",
    OTEL_SEMCONV_STABILITY_OPT_IN: "http/dup",
  },
  {
    OTEL_GO_AUTO_TARGET_EXE: "/app/server",
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "[::1]:4317",
    OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
    OTEL_EXPORTER_OTLP_INSECURE: "true",
    OTEL_GO_AUTO_DISABLE_INSTRUMENTATIONS: "grpc,database/sql",
    OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: "128",
    OTEL_LOG_LEVEL: "debug",
  },
];

export const target: Target = {
  name: "settings",
  isRefusal: (error) => error instanceof UserError,
  subjects: () =>
    environments.map((environment) =>
      bufferSubject(Buffer.from(Object.values(environment).join("\0")), (bytes) => {
        const values = bytes.toString("utf8").split("\0");
        const broken = Object.keys(environment).map((name, i) => [name, values[i]] as const);
        loadConfig({}, Object.fromEntries(broken));
      }),
    ),
};
