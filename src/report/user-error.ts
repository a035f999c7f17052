import type { ExitCode } from "./exit-code.ts";

/**
 * The four things that a user needs when something goes wrong. `what` is one line without a full stop at its
 * end; `why` speaks of this host; `works` says what goes on all the same; `next` is one thing to do.
 */
export interface Explanation {
  readonly what: string;
  readonly why?: string;
  readonly works?: string;
  readonly next?: string;
}

/** An error that is shown to the user as it is, without a stack, and ends the command with `exitCode`. */
export class UserError extends Error {
  readonly exitCode: ExitCode;
  readonly explanation: Explanation;

  constructor(exitCode: ExitCode, explanation: Explanation) {
    super(explanation.what);
    this.name = "UserError";
    this.exitCode = exitCode;
    this.explanation = explanation;
  }
}

/** The explanation as the lines that stand on the terminal. */
export function explain(explanation: Explanation): string {
  const { what, why, works, next } = explanation;
  return [what, why && `  why: ${why}`, works && `  still works: ${works}`, next && `  next: ${next}`]
    .filter(Boolean)
    .join("\n");
}
