/** Booleans of the target's that make it build spans: true while somebody takes the spans. Library.switches. */
import type { Attachment } from "../plan/types.ts";
import { log } from "../report/log.ts";
import { switchMessages } from "../report/switches.ts";
import { ProcessFlag } from "../target/flag.ts";
import type { Target } from "../target/target.ts";

/** Milliseconds between two looks at whether a program that has just started has made the boolean: main comes next. */
const interval = 2;

/** The same when all have: another agent that has ended may have made one false. */
const slowInterval = 5000;

/** That many looks. A program that hasn't initialised its packages by then hardly ever will. */
const maxLooks = 5000;

interface Switch {
  readonly name: string;
  readonly flag: ProcessFlag;
  isSettled: boolean;
}

export class SpanSwitches {
  readonly #target: Target;
  readonly #loadBias: number;
  readonly #on = new Map<number, Switch>();
  #timer: NodeJS.Timeout | undefined;
  #looks = 0;

  constructor(target: Target, loadBias: number) {
    this.#target = target;
    this.#loadBias = loadBias;
  }

  /** Those of these libraries are true from now on, and all others false. */
  apply(attached: readonly Attachment[]): void {
    const wanted = new Map(
      attached.flatMap(({ library, switches }) => switches.map((address) => [address, library.name])),
    );
    for (const [address, { flag }] of this.#on) if (!wanted.has(address)) this.#turnOff(address, flag);
    for (const [address, name] of wanted) if (!this.#on.has(address)) this.#turnOn(address, name);
    this.#looks = 0;
    this.#look();
  }

  /** All are false. The target may have ended. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const [address, { flag }] of this.#on) this.#turnOff(address, flag);
  }

  #turnOn(address: number, name: string): void {
    try {
      const flag = new ProcessFlag(this.#target.pid, address + this.#loadBias);
      this.#on.set(address, { name, flag, isSettled: false });
    } catch (error) {
      log.warn(switchMessages.notOpened(name, String(error)));
    }
  }

  #look(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const all = [...this.#on.values()];
    for (const each of all) if (each.isSettled) keep(each);
    for (const each of all) if (!each.isSettled) this.#set(each);
    const isWaiting = all.some(({ isSettled }) => !isSettled) && ++this.#looks <= maxLooks;
    if (all.length > 0) this.#timer = setTimeout(() => this.#look(), isWaiting ? interval : slowInterval);
  }

  #set(each: Switch): void {
    const { name, flag } = each;
    try {
      const state = flag.set();
      each.isSettled = state !== "not yet";
      if (state === "no boolean") log.warn(switchMessages.notBoolean(name));
    } catch (error) {
      each.isSettled = true;
      log.warn(switchMessages.notOpened(name, String(error)));
    }
  }

  #turnOff(address: number, flag: ProcessFlag): void {
    this.#on.delete(address);
    try {
      flag.clear();
    } catch (error) {
      // What has ended builds no more spans.
      log.debug(switchMessages.notCleared(this.#target.pid, String(error)));
    } finally {
      flag.close();
    }
  }
}

function keep({ flag }: Switch): void {
  try {
    flag.setAgain();
  } catch {
    // The program has ended; that is told elsewhere.
  }
}
