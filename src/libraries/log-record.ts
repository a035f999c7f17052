/** A log record as an event of a span: ebpf/include/log_record.h. */
import { LogRecord } from "../generated/shared.ts";
import type { RecordBytes, SpanAddition, SpanFacts } from "./descriptor.ts";
import { goroutineFields, openSpanFields, returnFields } from "./go-fields.ts";

/** What programs of log_record.h read, beside their library's own. */
export const logFields = { ...goroutineFields, ...openSpanFields, ...returnFields } as const;

/** As log_record.h has it: bytes of a message. */
const maxMessage = 1024;

/** Said at the end of a message that goes on. */
const ellipsis = "…";

const log = new LogRecord();

/**
 * The event "log", as OpenTelemetry's bridge from OpenTracing names one without a name of its own:
 * https://opentelemetry.io/docs/specs/otel/compatibility/opentracing/#log. `severityOf` names the library's levels, if they have names.
 * @throws RangeError for a record that ends too early
 */
export function logAddition(
  record: RecordBytes,
  facts: SpanFacts,
  severityOf: (level: number) => string | undefined,
): SpanAddition {
  const { buffer, start, end } = record;
  const { level, loggerLength, loggerRoom, kept } = log.load(record);
  const loggerAt = start + LogRecord.size;
  const messageAt = loggerAt + loggerRoom;
  if (messageAt + kept > end || loggerLength > loggerRoom)
    throw new RangeError("a log record ends too early");
  const message = messageOf(buffer.subarray(messageAt, messageAt + kept), log, facts);
  return {
    events: [
      {
        name: "log",
        attributes: {
          "log.severity": severityOf(level),
          ...(message && { "log.message": message }),
          ...(loggerLength > 0 && {
            "log.logger": buffer.toString("utf8", loggerAt, loggerAt + loggerLength),
          }),
        },
      },
    ],
  };
}

/** A constant that wasn't in memory yet is in the file. */
function messageOf(
  here: Buffer,
  { messageAt, messageLength }: Pick<LogRecord, "messageAt" | "messageLength">,
  facts: SpanFacts,
): string {
  const length = Math.min(messageLength, maxMessage);
  const bytes = here.length > 0 || length === 0 ? here : facts.constant(messageAt, length);
  const text = Buffer.from(bytes ?? []).toString("utf8");
  return messageLength > length ? withoutHalf(text) + ellipsis : text;
}

/** Without the rest of a character that was cut. */
function withoutHalf(text: string): string {
  return text.replace(/\ufffd$/, "");
}
