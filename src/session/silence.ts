/** Says once when nothing that is watched in a target runs for a while, and when it does at last. */
import { log } from "../report/log.ts";
import { silenceMessages } from "../report/silence.ts";
import { everySecond } from "../target/every-second.ts";
import { listeningAddresses } from "../target/listening.ts";

/** A library that makes spans of a target. */
export interface WatchedLibrary {
  readonly name: string;
  /** Full names of the functions whose calls begin a span. */
  readonly functions: readonly string[];
  /** How often its programs have counted anything. */
  readonly hits: () => number;
  /** Of a server: a command that calls it at an address. */
  readonly tryOut?: ((address: string) => string) | undefined;
}

export interface Watched {
  readonly pid: number;
  readonly libraries: readonly WatchedLibrary[];
  /** Modules of the program that don't go through what is traced. */
  readonly notTraced: readonly string[];
  readonly profile: boolean;
}

/** Milliseconds that it may be silent. From then on it is looked at once a second until something happens. */
export const quietTime = 30_000;

/** Watches until the first hit, at most until the result is called. */
export function watchSilence(watched: Watched, quiet = quietTime): () => void {
  const { pid, libraries } = watched;
  // All are disabled: there is nothing that could be silent.
  if (libraries.length === 0) return () => {};
  const firstUsed = () => libraries.find(({ hits }) => hits() > 0);
  const timer = setTimeout(() => {
    if (firstUsed()) sayUnused(watched);
    else {
      saySilent(watched, quiet / 1000);
      stopLooking = everySecond(lookAgain);
    }
  }, quiet).unref();
  let stopLooking = () => clearTimeout(timer);

  function lookAgain(): void {
    const used = firstUsed();
    if (used === undefined) return;
    stopLooking();
    log.info(silenceMessages.firstSeen(pid, used.name));
  }

  return () => stopLooking();
}

function saySilent({ pid, libraries, notTraced, profile }: Watched, seconds: number): void {
  // One of each library before the second of any.
  const firsts = libraries.flatMap(({ functions }) => functions.slice(0, 1));
  const others = libraries.flatMap(({ functions }) => functions.slice(1));
  const listening = listeningAddresses(pid);
  const tryOuts = libraries.flatMap(({ tryOut }) => tryOut ?? []);
  log.info(
    silenceMessages.silent({
      pid,
      seconds,
      functions: [...firsts, ...others],
      listening,
      examples: listening.slice(0, 1).flatMap((address) => tryOuts.map((example) => example(address))),
      notTraced,
      profile,
    }),
  );
}

/** Some libraries are called and others aren't: that is usual, and for those who look closely. */
function sayUnused({ pid, libraries }: Watched): void {
  for (const { name, functions, hits } of libraries)
    if (hits() === 0) log.debug(silenceMessages.libraryUnused(pid, name, functions));
}
