/** Programs that are loaded with the others, and go on their places when the first request shows that they are needed. */
import type { KernelSession } from "./kernel/index.ts";
import type { Attachment } from "./plan/types.ts";
import { log } from "./report/log.ts";
import { startMessages } from "./report/start.ts";
import { UserError } from "./report/user-error.ts";

export class LateProbes {
  readonly #kernel: KernelSession;
  readonly #late: readonly Attachment[];
  #isAsked = false;

  constructor(kernel: KernelSession, attached: readonly Attachment[]) {
    this.#kernel = kernel;
    this.#late = attached.filter(isLate);
  }

  /** The first call attaches, later ones do nothing. */
  attach(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    for (const attachment of this.#late) this.#attach(attachment);
  }

  /** A library that is attached anew, after it may have been asked for. */
  attachAnew(attachment: Attachment): void {
    if (this.#isAsked && isLate(attachment)) this.#attach(attachment);
  }

  #attach({ library: { name }, programs }: Attachment): void {
    if (!this.#kernel.has(name)) return;
    try {
      for (const { program, sites } of programs.filter(({ late }) => late))
        for (const { fileOffset } of sites) this.#kernel.attachMore(name, program, fileOffset);
      log.info(startMessages.attachedLate(name));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      log.warn(startMessages.notAttached(name, error.explanation.what));
    }
  }
}

/** Whether a library waits with all that it has. */
export function isLate({ programs }: Attachment): boolean {
  return programs.every(({ late }) => late);
}
