/** What is said when nothing that is watched in a program has run for a while. */
import { isOrAre } from "./count.ts";
import { printable } from "./printable.ts";
import { explain } from "./user-error.ts";

export interface Silent {
  readonly pid: number;
  readonly seconds: number;
  /** Full names of the functions that are watched. */
  readonly functions: readonly string[];
  /** TCP addresses that the program listens on. */
  readonly listening: readonly string[];
  /** Commands that call one of these addresses. */
  readonly examples: readonly string[];
  /** Modules in it that don't go through what is traced. */
  readonly notTraced: readonly string[];
  /** The compiler had a profile, and may have inlined functions. */
  readonly profile: boolean;
}

/** Names that are written out; the rest is counted. */
const most = 5;

export const silenceMessages = {
  silent: ({ pid, seconds, functions, listening, examples, notTraced, profile }: Silent) =>
    explain({
      what: `nothing to trace has happened in process ${pid} for ${seconds} s: none of the functions that are watched has run (${some(functions)})`,
      why: [
        listening.length === 0
          ? "there was nothing for it to do, such as a message or a query, or another process did it; it listens on no TCP port that can be seen"
          : `no request came, or it went to another process: this one listens on ${some(listening)}`,
        ...(notTraced.length > 0
          ? [`it holds ${some(notTraced)}, which ${isOrAre(notTraced.length)} not traced`]
          : []),
        ...(profile ? ["it was built with a profile (PGO), which may have inlined them"] : []),
      ].join("; or "),
      works: "the probes are there: what begins from now on will be seen",
      next:
        examples.length === 0
          ? "make the program do what it is there for, or look for the process that does"
          : `send it a request, for example: ${examples.join(", or ")}`,
    }),
  firstSeen: (pid: number, library: string) => `process ${pid}: first call of ${library} seen`,
  libraryUnused: (pid: number, library: string, functions: readonly string[]) =>
    `process ${pid}: ${library} is watched and has not been called yet (${some(functions)})`,
};

function some(names: readonly string[]): string {
  const shown = names.slice(0, most).map((name) => printable(name));
  const more = names.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(", ");
}
