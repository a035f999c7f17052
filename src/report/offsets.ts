/** What the agent and `update-offsets` say about offsets.json. */
import { counted } from "./count.ts";
import { ExitCode } from "./exit-code.ts";
import { printable, printablePath } from "./printable.ts";
import { type Explanation, UserError } from "./user-error.ts";

export function unusableOffsets(path: string, why: string): string {
  return `${printablePath(path)} is left out: ${printable(why)}`;
}

/** A URL for messages: the query may hold a token. */
export function urlText(url: URL): string {
  return printable(`${url.origin}${url.pathname}${url.search === "" ? "" : "?***"}`);
}

const what = "offsets are not updated";

function fault(why: string, next: string, code: ExitCode = ExitCode.failure): UserError {
  return new UserError(code, { what, why, next });
}

const seeFormat = "scripts/publish-offsets writes an offsets.json with its checksum beside it";

/** What can be wrong with a source. `file` is the name of one of its two files, ready to be shown. */
export const sourceFault = {
  unusable: (file: string, reason: string) => fault(`${file}: ${printable(reason)}`, seeFormat),
  checksum: (file: string) =>
    fault(
      `${file} does not match its checksum`,
      "if it was being published just now, try again; else publish both files anew",
    ),
  older: (file: string, modules: readonly ModuleChange[]) =>
    fault(
      `${file} is older than what is in use: ${listed(modules.map(changeText))}`,
      "look whether the mirror is still being filled; to take it all the same, delete the updated offsets.json first",
    ),
  unreadable: (path: string, { code, message }: NodeJS.ErrnoException) =>
    code === "ENOENT" || code === "ENOTDIR"
      ? fault(`there is no ${printablePath(path)}`, "a source has offsets.json and offsets.json.sha256")
      : fault(
          `${printablePath(path)} cannot be read: ${printable(message)}`,
          "check the file",
          denied(code) ? ExitCode.noPermission : ExitCode.failure,
        ),
  status: (file: string, status: number) =>
    fault(
      `${file}: the server answers with status ${status}`,
      status === 401 || status === 403
        ? "give the credentials in the URL, as https://USER:PASSWORD@HOST/…"
        : "a source has offsets.json and offsets.json.sha256 side by side",
    ),
  noAnswer: (file: string, seconds: number) =>
    fault(`${file}: no complete answer within ${seconds} s`, "try again, or use a mirror that is nearer"),
  certificate: (file: string, code: string) =>
    fault(
      `${file}: the server's certificate is not trusted (${code})`,
      "set NODE_EXTRA_CA_CERTS to the PEM file of its certificate authority",
    ),
  unreachable: (file: string, reason: string) =>
    fault(
      `${file} cannot be fetched: ${printable(reason)}`,
      "check the URL from this host; HTTP_PROXY and its like are not used",
    ),
};

export function notWritten(path: string, { code, message }: NodeJS.ErrnoException): UserError {
  const refused = denied(code) || code === "EROFS";
  return fault(
    `${printablePath(path)} cannot be written: ${printable(message)}`,
    refused
      ? "run it as the agent's own user, or set OTEL_GO_AUTO_OFFSETS_FILE, for the agent too, to a path that it can write"
      : "check the disk, or set OTEL_GO_AUTO_OFFSETS_FILE, for the agent too, to another path",
    refused ? ExitCode.noPermission : ExitCode.failure,
  );
}

function denied(code: string | undefined): boolean {
  return code === "EACCES" || code === "EPERM";
}

/** The same error, with what is used all the same. */
export function stillInUse({ exitCode, explanation }: UserError, fields: number): UserError {
  const works =
    fields === 0
      ? "what a program itself tells is used"
      : `the offsets so far stay in use: ${counted(fields, "field")}`;
  return new UserError(exitCode, { ...explanation, works } satisfies Explanation);
}

/** Newest versions of a module, before and after; undefined where it isn't known. */
export interface ModuleChange {
  readonly module: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** A mirror can name any number of modules. */
function listed(texts: readonly string[]): string {
  const shown = texts.slice(0, 5);
  return `${shown.join(", ")}${texts.length > shown.length ? ` and ${texts.length - shown.length} more` : ""}`;
}

function changeText({ module, before, after }: ModuleChange): string {
  const versions = before === after ? [before] : [before ?? "unknown", after ?? "gone"];
  return printable(`${module} ${versions.join(" → ")}`);
}

export const updateMessages = {
  upToDate: (fields: number) => `offsets are up to date: ${counted(fields, "field")}`,
  updated: (path: string, fields: readonly [number, number], modules: readonly ModuleChange[]) =>
    [
      `offsets are updated: ${fields[0]} → ${counted(fields[1], "field")}, in ${printablePath(path)}; newest versions:`,
      ...modules.map((change) => `  ${changeText(change)}`),
    ].join("\n"),
  next: (time: Date) => `the next update is at ${time.toISOString()}`,
};
