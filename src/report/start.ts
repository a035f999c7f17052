/** What the agent says when it attaches, and when it is done with a target. */
import { counted } from "./count.ts";
import { ExitCode } from "./exit-code.ts";
import { printable, printablePath } from "./printable.ts";
import type { StartReport } from "./start-report.ts";
import { UserError } from "./user-error.ts";

interface Where {
  readonly pid: number;
  readonly exePath: string;
}

export const startMessages = {
  disabledByUser:
    "nothing is attached: OTEL_GO_AUTO_INSTRUMENTATION_ENABLED is false or OTEL_SDK_DISABLED is true",
  lockdownUnknown: "unknown",
  kernel: (release: string, lockdown: string) => `kernel ${release}, lockdown ${lockdown}`,
  exporter: (
    { exporter, endpoint, protocol }: StartReport["export"],
    { kind, ratio }: StartReport["sampler"],
  ) =>
    `${exporter === "otlp" ? `spans go to ${endpoint} by ${protocol}` : `exporter ${exporter}`}, sampler ${kind}${kind.endsWith("ratio") ? ` ${ratio}` : ""}`,
  tierOff: "trace context can't be written here",
  notPrinted: (error: string) => `the start report can't be written to stdout: ${printable(error)}`,
  attached: ({ pid, exePath }: Where, goVersion: string, milliseconds: number) =>
    `attached to process ${pid} (${printablePath(exePath)}, ${printable(goVersion)}) in ${milliseconds} ms`,
  environmentClosed: (missing: readonly string[]) =>
    `  its environment can't be read: OTEL_SERVICE_NAME and the like that stand there are not known (${missing.length > 0 ? `${missing.join(", ")} is missing` : "a security module is in the way"})`,
  library: (name: string, probes: number) => `  ${name}: attached, ${counted(probes, "probe")}`,
  allDisabled: "  nothing is traced in it until the config file enables a library",
  absent: (names: readonly string[]) => `  not in this program: ${names.join(", ")}`,
  waiting: (name: string) => `  ${name}: ready, attached when a request needs it`,
  attachedLate: (name: string) => `${name}: attached, for requests that middleware has copied`,
  moreAttached: (name: string) => `${name}: further probes attached, which the program now needs`,
  lateNotAttached: (name: string, reason: string) =>
    `${name}: further probes, which the program now needs, could not be attached: ${reason}`,
  without: (name: string, what: string) => `  ${name}: without ${what}`,
  guessedOffset: (name: string, field: { readonly name: string; readonly version?: string }) =>
    `  ${name}: the offset of ${field.name} is that of version ${field.version}, the nearest that is known before this program's; otel-go-auto update-offsets fetches newer ones`,
  callerLearned: (name: string, caller: string) =>
    `  ${name}: calls from ${printable(caller)} are traced from now on`,
  probedItself: (name: string, caller: string) =>
    `  ${name}: a function that ${printable(caller)} calls is probed where it returns from now on`,
  callerNotTraced: (name: string, caller: string, reason: string) =>
    `${name}: calls from ${printable(caller)} are not traced: ${printable(reason)}`,
  notAttached: (name: string, reason: string) => `  ${name}: not attached, ${reason}`,
  dryRun: (release: string) => `nothing was attached (--dry-run); the kernel, ${release}, would allow it`,
  exited: ({ pid }: Where) => `process ${pid} has ended`,
  replaced: ({ pid }: Where) => `process ${pid} now runs another program`,
  restarted: ({ pid }: Where) => `process ${pid} has executed its own program again: attaching anew`,
  endedEarly: ({ pid }: Where) => `process ${pid} had ended before it was attached`,
  stopped: ({ pid }: Where) => `detached from process ${pid}, which goes on`,
};

/** None of the libraries that are known can be traced in this program. */
export function nothingToInstrument(where: Where, reasons: readonly string[]): UserError {
  return new UserError(ExitCode.nothingToInstrument, {
    what: `Nothing to instrument in process ${where.pid} (${printablePath(where.exePath)})`,
    why: reasons.join("; "),
    next: "otel-go-auto --supported-versions lists what can be traced",
  });
}

export function otherArchitecture(target: string, own: string): UserError {
  return new UserError(ExitCode.nothingToInstrument, {
    what: `The program is for ${target}, and this agent for ${own}`,
    why: "an emulated program's registers are not the kernel's",
    next: `run the agent on a ${target} machine`,
  });
}

export function noLoadBias({ pid, exePath }: Where): UserError {
  return new UserError(ExitCode.failure, {
    what: `Process ${pid} does not map its executable ${printablePath(exePath)} as a program does`,
    why: "its code may have been moved by a packer or an emulator",
    next: "attach to the program itself, not to what starts it",
  });
}
