// The config file.
import { parseConfigFile } from "../../../src/config/file.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { UserError } from "../../../src/report/user-error.ts";
import { bufferSubject, type Target } from "../support/target.ts";

const environment = { COLLECTOR_KEY: "secret, key" };

const files = [
  `# a comment
target: { pid: [4711, 12] }
service:
  name: shop
  version: "1.2"
resource:
  attributes: { team: a, zone: 'b' }
otlp:
  endpoint: http://collector:4317
  headers:
    api-key: \${COLLECTOR_KEY}
  traces: {timeout: 500}
sampling:
  ratio: 0.25
disable:
  - database/sql
  - net/http/client
log_level: \${LEVEL:-debug}
`,
  'propagators: b3,baggage\nheaders: {server: {request: [x-a, "x-b"]}}\nenabled: |\n  true\n',
];

export const target: Target = {
  name: "config file",
  isRefusal: (error) => error instanceof UserError,
  subjects: () =>
    files.map((file) =>
      bufferSubject(Buffer.from(file), (bytes) => {
        const read = parseConfigFile("a.yaml", bytes.toString("utf8"), environment);
        loadConfig({}, environment, { file: read, needsTarget: false });
      }),
    ),
};
