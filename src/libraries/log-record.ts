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
  const attributes: Record<string, string> = {};
  const severity = severityOf(level);
  if (severity !== undefined) attributes["log.severity"] = severity;
  const message = messageOf(buffer.toString("utf8", messageAt, messageAt + kept), log, facts);
  if (message !== "") attributes["log.message"] = message;
  if (loggerLength > 0) attributes["log.logger"] = buffer.toString("utf8", loggerAt, loggerAt + loggerLength);
  return { events: [{ name: "log", attributes }] };
}

/** A constant that wasn't in memory yet is in the file. */
function messageOf(
  here: string,
  { messageAt, messageLength }: Pick<LogRecord, "messageAt" | "messageLength">,
  facts: SpanFacts,
): string {
  const length = Math.min(messageLength, maxMessage);
  const text = here === "" && length > 0 ? constantText(messageAt, length, facts) : here;
  // Without the rest of a character that was cut.
  return messageLength > length ? text.replace(/\ufffd$/, "") + ellipsis : text;
}

function constantText(address: number, length: number, facts: SpanFacts): string {
  return Buffer.from(facts.constant(address, length) ?? []).toString("utf8");
}
