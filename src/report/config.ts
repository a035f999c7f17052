import { ExitCode } from "./exit-code.ts";
import { UserError } from "./user-error.ts";

const seeHelp = "otel-go-auto --help shows every command, flag and variable";

/** A flag or variable whose value cannot be used. */
export function badValue(source: string, value: string, valid: string, secret = false): UserError {
  const shown = secret ? "(not shown: it may hold secrets)" : JSON.stringify(redact(value));
  return usage(`${source} has a value that is not valid: ${shown}`, `valid is ${valid}`, `correct ${source}`);
}

export function noTarget(): UserError {
  return usage(
    "no target",
    "neither --pid nor OTEL_GO_AUTO_TARGET_EXE says which Go program to trace",
    "otel-go-auto --pid PID for a running process, or OTEL_GO_AUTO_TARGET_EXE=/path/of/executable to wait for one",
  );
}

export function twoTargets(pidSource: string, exeSource: string): UserError {
  return usage(
    `${pidSource} and ${exeSource} are both given`,
    "a target is either a process or an executable to wait for",
    "leave one of them out",
  );
}

export function unknownShell(word: string, shells: readonly string[]): UserError {
  return usage(`unknown shell ${JSON.stringify(word)}`, `valid is ${shells.join(", ")}`, seeHelp);
}

/** Both with the name of what says so: "OTEL_BSP_MAX_QUEUE_SIZE (5)". */
export function twoOnStdout(): UserError {
  return usage(
    "--json and the console exporter are both given",
    "traces that are drawn and a report as JSON would both stand on stdout",
    "leave out --json, or --console and OTEL_TRACES_EXPORTER=console",
  );
}

export function batchAboveQueue(batch: string, queue: string): UserError {
  return usage(
    `${batch} is above ${queue}`,
    "a batch is taken out of the queue, so it cannot be larger",
    "raise the queue's size or lower the batch's",
  );
}

export function tooManySamplingRules(count: number, most: number): UserError {
  return usage(
    `${count} rules for paths`,
    `OTEL_GO_AUTO_EXCLUDE_PATHS and OTEL_GO_AUTO_SAMPLING_RULES may name ${most} together`,
    'fold paths that begin alike into one rule, such as "/internal/*"',
  );
}

export function halfClientCertificate(missing: "CLIENT_KEY" | "CLIENT_CERTIFICATE"): UserError {
  return usage(
    `OTEL_EXPORTER_OTLP_${missing} is missing`,
    "a client certificate and its key are used together",
    "give both or neither",
  );
}

export function oneProgram(given: "nothing" | "a file and --pid" | "several processes"): UserError {
  return usage(
    "inspect looks at one program, a file or a process",
    `${given} ${given === "nothing" ? "is" : "are"} given`,
    "otel-go-auto inspect FILE, or otel-go-auto inspect --pid PID",
  );
}

export function noCommand(): UserError {
  return usage(
    "run has nothing to start",
    "the application and its arguments stand behind it",
    "otel-go-auto run -- ./app",
  );
}

/** Flags of the agent in front of one of its commands. */
export function argumentsBeforeCommand(command: string): UserError {
  return usage(
    `flags of ${command} stand behind it`,
    `what stands before ${command} would have no effect`,
    `otel-go-auto ${command} --help shows its flags`,
  );
}

/** A word where a command may stand. `suggestion` is the command that comes near to it. */
export function unknownCommand(
  word: string,
  commands: readonly string[],
  suggestion: string | undefined,
): UserError {
  return usage(
    `unknown command ${quoted(word)}`,
    `commands are ${commands.join(", ")}; without one, --pid says which process to trace`,
    suggestion ? `did you mean ${suggestion}?` : seeHelp,
  );
}

export function noOffsetsSource(): UserError {
  return usage(
    "no source of newer offsets",
    "neither --from nor OTEL_GO_AUTO_OFFSETS_FROM says where they come from, and there is no default",
    "give the URL of an offsets.json, or a file or folder that holds one",
  );
}

export function unknownArgument(
  what: string,
  flags: readonly string[],
  suggestion: string | undefined,
): UserError {
  return usage(what, `valid flags are ${flags.join(", ")}`, suggestion ?? seeHelp);
}

function usage(what: string, why: string, next: string): UserError {
  return new UserError(ExitCode.usage, { what, why, next });
}

export const configWarning = {
  targetIgnored: (variable: string) => `${variable} is not used: run traces what it starts`,
  propagatorNotSupported: (source: string, name: string) =>
    `${source}: ${name} is not supported and is left out; supported are tracecontext, baggage, b3 and b3multi`,
  propagatorUnknown: (source: string, name: string) =>
    `${source}: ${quoted(name)} is not known and is left out; supported are tracecontext, baggage, b3 and b3multi`,
  libraryUnknown: (name: string, paths: readonly string[], similar: string | undefined) =>
    `${quoted(name)} is to be disabled, but names no library${similar === undefined ? ";" : `; did you mean ${similar}?`} libraries are ${paths.join(", ")}`,
  semconvUnknown: (source: string, name: string) =>
    `${source}: ${quoted(name)} is not known and is left out; known are http/dup, database/dup, rpc/dup`,
  samplerArgumentUnused: (source: string, sampler: string) =>
    `${source} is not used by the sampler ${sampler}`,
  portOfOtherProtocol: (port: string, protocol: string, other: string) =>
    `the endpoint's port ${port} is usually that of OTLP over ${other}, but the protocol is ${protocol}`,
};

function quoted(value: string): string {
  return JSON.stringify(shorten(value));
}

/** User names, passwords and query strings of URLs, and overlong values, never reach the terminal. */
function redact(value: string): string {
  return shorten(value.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, "$1***@").replace(/\?.*$/s, "?***"));
}

function shorten(value: string): string {
  return value.length > 200 ? `${value.slice(0, 200)}…` : value;
}
