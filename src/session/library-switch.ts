/** Which of a target's libraries are attached, while the user changes that. Nothing that is under way is lost by it. */
import { type Counts, inFlight } from "../drain/counters.ts";
import type { KernelSession, ObjectStatus } from "../kernel/index.ts";
import type { Attachment } from "../plan/types.ts";
import { liveMessages } from "../report/live.ts";
import { log } from "../report/log.ts";
import { startMessages } from "../report/start.ts";
import { UserError } from "../report/user-error.ts";

/** Milliseconds that operations get to end when their library goes; longer ones (a stream, a long poll) are cut off. */
const patience = 5000;

/** Milliseconds between two looks at whether they have. */
const interval = 50;

/** Operations that were under way when their library went. */
export type Left = ReturnType<KernelSession["remove"]>;

export interface SwitchOptions {
  readonly pid: number;
  /** All that could be attached; a library's id is its place. */
  readonly attachments: readonly Attachment[];
  /** Those of them that are. */
  readonly first: ReadonlySet<Attachment>;
  readonly kernel: KernelSession;
  readonly countsOf: (id: number) => Counts;
  /** Loads and attaches it; undefined when there is nothing that it could do here. */
  readonly attach: (attachment: Attachment) => ObjectStatus | undefined;
  /** It is gone. */
  readonly onDetached: (attachment: Attachment, left: Left) => void;
}

/** A library on its way out: its operations end, none begins. */
interface Ending {
  readonly since: number;
  readonly timer: NodeJS.Timeout;
  /** Ends whose start was not seen, before. */
  readonly endsBefore: number;
}

export class LibrarySwitch {
  readonly #options: SwitchOptions;
  readonly #on: Set<Attachment>;
  readonly #ending = new Map<Attachment, Ending>();
  /** By id. */
  readonly #cutOff: number[];
  #expectedEnds = 0;
  /** What is to be done with those that are on their way out, when they are gone. */
  readonly #changes = new Map<Attachment, () => boolean>();

  constructor(options: SwitchOptions) {
    this.#options = options;
    this.#on = new Set(options.first);
    this.#cutOff = options.attachments.map(() => 0);
  }

  /** Operations that were not traced to their end. */
  get cutOff(): number {
    return this.#cutOff.reduce((sum, count) => sum + count, 0);
  }

  /** Ends without a start that were seen only because a library's ends are attached longer than its starts. */
  get expectedEnds(): number {
    const now = [...this.#ending].map(([attachment, { endsBefore }]) => this.#ends(attachment) - endsBefore);
    return now.reduce((sum, count) => sum + count, this.#expectedEnds);
  }

  /** Attaches and detaches, until only those are attached that `wanted` says. */
  apply(wanted: (attachment: Attachment) => boolean): void {
    for (const attachment of this.#options.attachments) {
      if (wanted(attachment)) this.#turnOn(attachment);
      else this.#turnOff(attachment);
    }
  }

  /** Whether it is attached, and not on its way out. */
  isOn(attachment: Attachment): boolean {
    return this.#on.has(attachment);
  }

  /** Detaches it, and when its operations have ended calls `change`, which says whether it is attached again. */
  renew(attachment: Attachment, change: () => boolean): void {
    this.#changes.set(attachment, change);
    this.#turnOff(attachment);
    if (!this.#ending.has(attachment)) this.#change(attachment);
  }

  /** Whether it is attached, or on its way out. */
  isThere(attachment: Attachment): boolean {
    return this.#on.has(attachment) || this.#ending.has(attachment);
  }

  close(): void {
    for (const { timer } of this.#ending.values()) clearInterval(timer);
  }

  #turnOn(attachment: Attachment): void {
    if (this.#on.has(attachment)) return;
    // It comes back by itself.
    if (this.#changes.has(attachment)) return;
    try {
      if (this.#ending.has(attachment)) this.#startAgain(attachment);
      else this.#attach(attachment);
      this.#on.add(attachment);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      log.warn(startMessages.notAttached(attachment.library.name, error.explanation.what));
    }
  }

  #startAgain(attachment: Attachment): void {
    const { name } = attachment.library;
    this.#options.kernel.startAgain(name);
    this.#endEnding(attachment);
    log.info(liveMessages.attachedAgain(name, this.#options.pid));
  }

  #attach(attachment: Attachment): void {
    const before = this.#ends(attachment);
    const status = this.#options.attach(attachment);
    this.#expectedEnds += this.#ends(attachment) - before;
    if (status === undefined) return;
    if (!status.attached) throw status.error;
    log.info(liveMessages.attached(attachment.library.name, this.#options.pid, status.sites));
  }

  #turnOff(attachment: Attachment): void {
    if (!this.#on.delete(attachment)) return;
    // What had nothing to do here, or was refused, is not there.
    if (!this.#options.kernel.has(attachment.library.name)) return;
    const endsBefore = this.#ends(attachment);
    this.#options.kernel.stopStarting(attachment.library.name);
    const timer = setInterval(() => this.#look(attachment), interval);
    this.#ending.set(attachment, { since: performance.now(), timer, endsBefore });
    this.#look(attachment);
  }

  #look(attachment: Attachment): void {
    const since = this.#ending.get(attachment)?.since ?? 0;
    if (this.#inFlight(attachment) > 0 && performance.now() - since < patience) return;
    const { name } = attachment.library;
    const left = this.#options.kernel.remove(name);
    this.#endEnding(attachment);
    const count = this.#inFlight(attachment);
    this.#cutOff[this.#id(attachment)] = (this.#cutOff[this.#id(attachment)] ?? 0) + count;
    this.#options.onDetached(attachment, left);
    const { pid } = this.#options;
    if (count > 0) log.warn(liveMessages.cutOff(name, pid, count, patience / 1000));
    else log.info(liveMessages.detached(name, pid));
    this.#change(attachment);
  }

  #change(attachment: Attachment): void {
    const change = this.#changes.get(attachment);
    this.#changes.delete(attachment);
    if (change?.()) this.#turnOn(attachment);
  }

  #endEnding(attachment: Attachment): void {
    const ending = this.#ending.get(attachment);
    if (ending === undefined) return;
    clearInterval(ending.timer);
    this.#expectedEnds += this.#ends(attachment) - ending.endsBefore;
    this.#ending.delete(attachment);
  }

  #inFlight(attachment: Attachment): number {
    const id = this.#id(attachment);
    return inFlight(this.#options.countsOf(id)) - (this.#cutOff[id] ?? 0);
  }

  #ends(attachment: Attachment): number {
    return this.#options.countsOf(this.#id(attachment)).endWithoutStart;
  }

  #id(attachment: Attachment): number {
    return this.#options.attachments.indexOf(attachment);
  }
}
