import { addon, type ChildProcess, errnoName, isSystemError } from "../kernel/index.ts";
import { cannotStart, execFailed, launchMessages } from "../report/launch.ts";
import { log } from "../report/log.ts";
import { agentCapabilities } from "../target/capabilities.ts";
import { bytesOf } from "./command-words.ts";
import { findCommand } from "./find-command.ts";

/** In milliseconds. SIGCHLD says it at once; this is for one that got lost. */
const reapInterval = 1000;

/** In milliseconds: then it goes on, attached or not. On an idle machine attaching takes half a second. */
const mostHeld = 10_000;

/** How it ended: by its own code or by a signal's number. */
export interface End {
  readonly code?: number;
  readonly signal?: number;
}

/** The program that `run --` starts: a child that waits until it is released, or until this process ends. */
export class Application {
  /** Absolute path of what it executes. */
  readonly file: string;
  readonly pid: number;
  /** Resolves when it has ended. Rejects with a UserError when its file could not be executed. */
  readonly ended: Promise<End>;
  readonly #child: ChildProcess;
  #end: End | undefined;
  /** It stands at its first instruction, or will, from this time on in milliseconds. */
  #heldSince: number | undefined;

  /** @throws UserError (noTarget, noPermission) when there is no such command, or it can't be executed */
  constructor(words: readonly string[]) {
    this.file = findCommand(words[0] ?? "");
    this.#child = start(this.file, words);
    this.pid = this.#child.pid();
    this.ended = this.#reapUntilItEnds();
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** From here on until `continue`, it runs on even when this process is killed while it is stopped. */
  guard(): void {
    this.#heldSince = performance.now();
    this.#child.guard(mostHeld);
  }

  /** Lets it execute its file. */
  release(): void {
    this.#child.release();
  }

  /** Lets it go on, whether it was stopped or not yet released. */
  continue(): void {
    if (this.#heldSince !== undefined && performance.now() - this.#heldSince > mostHeld)
      log.warn(launchMessages.letGo(mostHeld / 1000));
    this.#heldSince = undefined;
    this.#child.continue();
  }

  /** In vain when it has ended or belongs to another user by now. */
  signal(name: NodeJS.Signals): void {
    if (this.hasEnded || (this.#heldSince !== undefined && name === "SIGCONT")) return;
    try {
      process.kill(this.pid, name);
    } catch {
      // Set-user-ID programs can't be told anything.
    }
  }

  /** Takes also the orphans that are given to us as PID 1. */
  async #reapUntilItEnds(): Promise<End> {
    const end = await new Promise<End>((resolve) => {
      const reap = () => {
        const own = addon()
          .reapChildren()
          .find(({ pid }) => pid === this.pid);
        this.#end ??= own;
        if (own) resolve(own);
      };
      process.on("SIGCHLD", reap);
      setInterval(reap, reapInterval);
    });
    const errno = this.#child.execError();
    if (errno !== 0) throw execFailed(this.file, errnoName(errno));
    return end;
  }
}

function start(file: string, words: readonly string[]) {
  try {
    return new (addon().ChildProcess)(file, bytesOf(words), agentCapabilities);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw cannotStart(file, errnoName(error.errno));
  }
}
