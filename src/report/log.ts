/** The agent's own log: lines on stderr, so that stdout stays free for spans of the console exporter. */
import { printableLines } from "./printable.ts";

export const logLevels = ["error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof logLevels)[number];

let threshold: number = logLevels.indexOf("info");

export function setLogLevel(level: LogLevel): void {
  threshold = logLevels.indexOf(level);
}

let begun = false;

function write(level: LogLevel, message: string): void {
  if (logLevels.indexOf(level) > threshold) return;
  // A full disk or a closed pipe takes the log away, not the tracing. Not before the first line: see streams.ts.
  if (!begun) process.stderr.on("error", () => {});
  begun = true;
  const prefix = level === "info" ? "" : `${level}: `;
  process.stderr.write(`otel-go-auto: ${prefix}${printableLines(message)}\n`);
}

export const log = {
  error: (message: string) => write("error", message),
  warn: (message: string) => write("warn", message),
  info: (message: string) => write("info", message),
  debug: (message: string) => write("debug", message),
};
