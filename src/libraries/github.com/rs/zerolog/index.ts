import { field, type Library, optional } from "../../../descriptor.ts";
import { logAddition, logFields } from "../../../log-record.ts";

const zerolog = "github.com/rs/zerolog";

/** zerolog.Level */
const levels: Readonly<Record<number, string>> = {
  [-1]: "TRACE",
  0: "DEBUG",
  1: "INFO",
  2: "WARN",
  3: "ERROR",
  4: "FATAL",
  5: "PANIC",
};

/** Of no level, as Logger.Log makes them. */
const noLevel = 6;

/** Events; those with a context (Event.Ctx) are of the span in that, others of what their goroutine does. */
export const library: Library = {
  path: zerolog,
  name: "zerolog log records",
  module: zerolog,
  since: "1.15.0",
  fields: {
    ...logFields,
    event_level: field(`${zerolog}.Event.level`),
    event_context: optional(field(`${zerolog}.Event.ctx`)),
  },
  maps: {},
  itabs: {},
  ofLogs: true,
  probes: [
    {
      name: "record",
      program: "zerolog_event_sent",
      site: { at: "entry", functions: [`${zerolog}.(*Event).msg`] },
    },
  ],
  toAddition: (record, facts) => logAddition(record, facts, severityOf),
};

function severityOf(level: number): string | undefined {
  return level === noLevel ? undefined : (levels[level] ?? String(level));
}
