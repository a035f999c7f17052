import { DiagLogLevel, diag } from "@opentelemetry/api";
import { log } from "../report/log.ts";

/** The OTel exporters' own log. What matters to a user is said by this room, so theirs is for debugging only. */
export function routeDiagnostics(): void {
  const write = (message: string, ...details: unknown[]) =>
    log.debug([message, ...details.map(String)].join(" "));
  // Their "debug" level would hand over whole batches.
  diag.setLogger(
    { error: write, warn: write, info: write, debug: write, verbose: write },
    { logLevel: DiagLogLevel.INFO, suppressOverrideMessage: true },
  );
}
