/** Programs that are loaded with the others, and go on their places when the first request shows that they are needed. */
import type { KernelSession } from "./kernel/index.ts";
import type { Attachment } from "./plan/types.ts";
import { log } from "./report/log.ts";
import { startMessages } from "./report/start.ts";
import { UserError } from "./report/user-error.ts";

export class LateProbes {
  readonly #kernel: KernelSession;
  #waiting: readonly Attachment[];

  constructor(kernel: KernelSession, attached: readonly Attachment[]) {
    this.#kernel = kernel;
    const loaded = new Set(kernel.statuses.flatMap(({ name, attached }) => (attached ? [name] : [])));
    this.#waiting = attached.filter((each) => isLate(each) && loaded.has(each.library.name));
  }

  /** The first call attaches, later ones do nothing. */
  attach(): void {
    for (const attachment of this.#waiting) this.#attach(attachment);
    this.#waiting = [];
  }

  #attach({ library: { name }, programs }: Attachment): void {
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
