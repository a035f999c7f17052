import { field, type Library } from "../../descriptor.ts";
import { logAddition, logFields } from "../../log-record.ts";

const logger = "log/slog.(*Logger)";
const record = "log/slog.(*Record)";

/** Names of log/slog's levels: what lies between them is told by its distance. */
const named = [
  [8, "ERROR"],
  [4, "WARN"],
  [0, "INFO"],
  [Number.NEGATIVE_INFINITY, "DEBUG"],
] as const;

const debug = -4;

/** Records of a Logger; their context is the one that it was given. */
export const library: Library = {
  path: "log/slog",
  name: "slog log records",
  module: "std",
  since: "1.21",
  fields: {
    ...logFields,
    record_message: field("log/slog.Record.Message"),
    record_level: field("log/slog.Record.Level"),
  },
  maps: {},
  itabs: {},
  ofLogs: true,
  probes: [
    {
      name: "record",
      program: "slog_record_made",
      site: { at: "call", function: `${logger}.log`, callee: `${record}.Add` },
    },
    {
      name: "record of attributes",
      program: "slog_record_made",
      site: { at: "call", function: `${logger}.logAttrs`, callee: `${record}.AddAttrs` },
      optional: true,
    },
  ],
  toAddition: (bytes, facts) => logAddition(bytes, facts, severityOf),
};

/** As Level.String has it: "INFO", "WARN+1". */
function severityOf(level: number): string {
  const [from, name] = named.find(([least]) => level >= least) ?? [debug, "DEBUG"];
  const distance = level - (Number.isFinite(from) ? from : debug);
  if (distance === 0) return name;
  return `${name}${distance < 0 ? "" : "+"}${distance}`;
}
