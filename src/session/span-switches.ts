/** Booleans of the target's that make it build spans: true while somebody takes the spans. Library.switches. */
import type { Attachment } from "../plan/types.ts";
import { log } from "../report/log.ts";
import { switchMessages } from "../report/switches.ts";
import { ProcessFlag } from "../target/flag.ts";
import type { Target } from "../target/target.ts";

/** Milliseconds between two looks at whether a program that has just started has made the boolean: main comes next. */
const interval = 2;

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
    for (const each of this.#on.values()) if (!each.isSettled) this.#set(each);
    if ([...this.#on.values()].every(({ isSettled }) => isSettled) || ++this.#looks > maxLooks) return;
    this.#timer = setTimeout(() => this.#look(), interval);
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
