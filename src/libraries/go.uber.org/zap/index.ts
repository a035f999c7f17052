import { field, type Library } from "../../descriptor.ts";
import { logAddition, logFields } from "../../log-record.ts";

const core = "go.uber.org/zap/zapcore";

/** zapcore.Level */
const levels: Readonly<Record<number, string>> = {
  [-1]: "DEBUG",
  0: "INFO",
  1: "WARN",
  2: "ERROR",
  3: "DPANIC",
  4: "PANIC",
  5: "FATAL",
};

/** Records of a Logger and of a SugaredLogger, which have no context: they are of what their goroutine does. */
export const library: Library = {
  path: "go.uber.org/zap",
  name: "zap log records",
  module: "go.uber.org/zap",
  since: "1.16.0",
  fields: {
    ...logFields,
    entry_level: field(`${core}.Entry.Level`),
    entry_logger: field(`${core}.Entry.LoggerName`),
    entry_message: field(`${core}.Entry.Message`),
  },
  maps: {},
  itabs: {},
  ofLogs: true,
  probes: [
    {
      name: "record",
      program: "zap_entry_written",
      site: { at: "entry", functions: [`${core}.(*CheckedEntry).Write`] },
    },
  ],
  toAddition: (record, facts) => logAddition(record, facts, (level) => levels[level] ?? `Level(${level})`),
};
