/** What is sent to the agent under `run --` is meant for the application. */
import { tryRead } from "../target/proc.ts";

/**
 * All that a program is sent by others, as far as Node can catch it: not the real-time signals. SIGTSTP and its like
 * are left alone, so that Ctrl-Z stops both, which are one group for the terminal.
 */
const forwarded = [
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGUSR1",
  "SIGUSR2",
  "SIGALRM",
  "SIGTERM",
  "SIGCONT",
  "SIGPWR",
  "SIGWINCH",
] as const satisfies readonly NodeJS.Signals[];
export type ForwardedSignal = (typeof forwarded)[number];

/** Those that a terminal itself sends to all of its foreground group. */
const fromTerminal: ReadonlySet<NodeJS.Signals> = new Set(["SIGINT", "SIGQUIT", "SIGWINCH"]);

/**
 * Calls `forward` for each signal that the application has not had already. Without a listener Node would end, or
 * for SIGUSR1 open a debugger's port.
 */
export function onSignals(forward: (signal: ForwardedSignal) => void): void {
  for (const signal of forwarded)
    process.on(signal, () => {
      if (!fromTerminal.has(signal) || !inForeground()) forward(signal);
    });
}

/** Whether this process is in the foreground group of its terminal: fields 5 and 8 of /proc/self/stat. */
function inForeground(): boolean {
  const text = tryRead("/proc/self/stat", 4096)?.toString("latin1") ?? "";
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [group, foreground] = [fields[5 - 3], fields[8 - 3]];
  return group !== undefined && group === foreground;
}
