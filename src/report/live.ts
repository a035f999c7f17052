/** What the agent says of settings that change while it runs. */
import { counted, isOrAre } from "./count.ts";
import type { LogLevel } from "./log.ts";
import { printable, printablePath } from "./printable.ts";
import type { Explanation } from "./user-error.ts";

/** As src/config/config.ts has them. */
interface Live {
  readonly sampler: { readonly kind: string; readonly ratio: number };
  readonly samplingRules: readonly { readonly path: string; readonly ratio: number }[];
  readonly functionRules: readonly { readonly function: string; readonly line: number }[];
  readonly disabledLibraries: readonly string[];
  readonly capturedHeaders: Readonly<
    Record<"serverRequest" | "serverResponse" | "clientRequest" | "clientResponse", readonly string[]>
  >;
  readonly logEvents: boolean;
  readonly goroutines: string;
  readonly logLevel: LogLevel;
}

export const liveMessages = {
  changed: (path: string, changes: readonly string[]) => `${printablePath(path)}: ${changes.join("; ")}`,
  unchanged: (path: string) => `${printablePath(path)}: nothing has changed`,
  /** Keys that the file has got another value for. */
  atNextStart: (path: string, keys: readonly string[]) =>
    `${printablePath(path)}: ${keys.join(", ")}: ${keys.length === 1 ? "changes" : "change"} only at the agent's next start`,
  beaten: (path: string, key: string, by: string) =>
    `${printablePath(path)}: ${key} has no effect: ${by} beats it`,
  /** Of a file that isn't valid, while the agent runs. */
  refused: (explanation: Explanation): Explanation => ({
    ...explanation,
    works: "the running agent keeps the settings that it has",
  }),
  attached: (name: string, pid: number, sites: number) =>
    `${name}: attached to process ${pid}, ${counted(sites, "probe")}`,
  attachedAgain: (name: string, pid: number) => `${name}: stays attached to process ${pid}`,
  detached: (name: string, pid: number) => `${name}: detached from process ${pid}`,
  without: (name: string, pid: number, what: string) => `${name} of process ${pid}: without ${what}`,
  cutOff: (name: string, pid: number, count: number, seconds: number) =>
    `${name}: detached from process ${pid}; ${count} that had not ended after ${seconds} s ${isOrAre(count)} not traced to the end`,
};

/** One line for each part that differs: "sampling: 0.1 → 0.5". */
export function liveChanges(before: Live, after: Live): readonly string[] {
  const [was, is] = [parts(before), parts(after)];
  const sameKind = before.sampler.kind === after.sampler.kind;
  return Object.entries(is).flatMap(([name, text]) => {
    const old = was[name];
    if (name === "rules" && old === text) return sameRules(before, after) ? [] : [`${name}: changed`];
    if (old === text) return [];
    if (name === "sampling" && sameKind) return [`${name}: ${before.sampler.ratio} → ${after.sampler.ratio}`];
    return [`${name}: ${old} → ${text}`];
  });
}

function parts(live: Live): Readonly<Record<string, string>> {
  const { kind, ratio } = live.sampler;
  const { serverRequest, serverResponse, clientRequest, clientResponse } = live.capturedHeaders;
  return {
    sampling: kind.endsWith("traceidratio") ? `${kind} ${ratio}` : kind,
    "sampling.rules": listed(live.samplingRules.map(({ path, ratio }) => `${path} ${ratio}`)),
    rules: listed(live.functionRules.map(({ function: name }) => printable(name))),
    disabled: listed(live.disabledLibraries),
    "headers.server.request": listed(serverRequest),
    "headers.server.response": listed(serverResponse),
    "headers.client.request": listed(clientRequest),
    "headers.client.response": listed(clientResponse),
    log_events: String(live.logEvents),
    goroutines: live.goroutines,
    log_level: live.logLevel,
  };
}

/** Whether they differ in nothing but where in the file they stand. */
function sameRules(...[one, other]: readonly [Live, Live]): boolean {
  const said = ({ functionRules }: Live) =>
    JSON.stringify(functionRules.map((rule) => ({ ...rule, line: 0 })));
  return said(one) === said(other);
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ");
}
