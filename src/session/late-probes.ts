/** Programs that are loaded with the others, and go on their places when the target shows that they are needed. */
import { type KernelSession, u32 } from "../kernel/index.ts";
import type { Attachment } from "../plan/types.ts";
import { log } from "../report/log.ts";
import { startMessages } from "../report/start.ts";
import { UserError } from "../report/user-error.ts";

export class LateProbes {
  readonly #kernel: KernelSession;
  /** A library's id is its place. */
  readonly #attached: readonly Attachment[];
  readonly #asked = new Set<Attachment>();

  constructor(kernel: KernelSession, attached: readonly Attachment[]) {
    this.#kernel = kernel;
    this.#attached = attached;
  }

  /** Of the routers that wait: a request has no route. The first call attaches, later ones do nothing. */
  attachRouters(): void {
    for (const attachment of this.#attached)
      if (attachment.library.toRoute !== undefined) this.#ask(attachment);
  }

  /** Of one library, by its id: its program has come to what they are for. The same. */
  attachOf(id: number): void {
    const attachment = this.#attached[id];
    if (attachment) this.#ask(attachment);
  }

  /** A library that is attached anew, after it may have been asked for. */
  attachAnew(attachment: Attachment): void {
    if (this.#asked.has(attachment)) this.#attach(attachment);
  }

  /** A library is gone, and with it these. */
  detached(attachment: Attachment): void {
    if (hasLate(attachment)) this.#tell(attachment, false);
  }

  #ask(attachment: Attachment): void {
    if (!hasLate(attachment) || this.#asked.has(attachment)) return;
    this.#asked.add(attachment);
    this.#attach(attachment);
  }

  #attach(attachment: Attachment): void {
    const { name } = attachment.library;
    if (!this.#kernel.has(name)) return;
    try {
      for (const { program, sites } of attachment.programs.filter(({ late }) => late))
        for (const { fileOffset } of sites) this.#kernel.attachMore(name, program, fileOffset);
      this.#tell(attachment, true);
      if (isLate(attachment)) log.info(startMessages.attachedLate(name));
      else log.debug(startMessages.moreAttached(name));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      log.warn(startMessages.lateNotAttached(name, error.explanation.what));
    }
  }

  /** To the library's own program, if it asks: ebpf/include/late.h. */
  #tell(attachment: Attachment, areThere: boolean): void {
    this.#kernel.map("late_attached")?.update(u32(this.#attached.indexOf(attachment)), u32(Number(areThere)));
  }
}

function hasLate({ programs }: Attachment): boolean {
  return programs.some(({ late }) => late);
}

/** Whether a library waits with all that it has. */
export function isLate({ programs }: Attachment): boolean {
  return programs.every(({ late }) => late);
}
