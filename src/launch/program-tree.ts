import { hasGoCode } from "../binary/go-file.ts";
import { launchMessages } from "../report/launch.ts";
import { log } from "../report/log.ts";
import { startMessages } from "../report/start.ts";
import { UserError } from "../report/user-error.ts";
import type { TracingSession } from "../session/session.ts";
import type { Sessions } from "../sessions.ts";
import { changeSince } from "../target/exit.ts";
import { openTarget } from "../target/open.ts";
import { maxTraced, sameFile, type Target } from "../target/target.ts";
import { ProcessTree } from "../target/tree.ts";

/** The programs below this process: which of them are traced. */
export class ProgramTree {
  readonly #root: number;
  readonly #sessions: Sessions;
  readonly #processes = new ProcessTree(process.pid);
  readonly #tracing = new Set<Promise<void>>();
  /** Files that can't be traced, by device and inode: said once. */
  readonly #refused = new Set<string>();
  /** The program that was started, when it is itself traced: then of its children only those that run the same file are. */
  #own: Target | undefined;
  #saidTooMany = false;

  /** `root` is the process that was started. */
  constructor(root: number, sessions: Sessions) {
    this.#root = root;
    this.#sessions = sessions;
  }

  /** @throws UserError when it can't be traced */
  traceRoot(): void {
    // It counts as looked at, whatever comes of it.
    this.#processes.changed();
    const target = openTarget(this.#root);
    if (this.#trace(target)) this.#own = target;
  }

  /** Attaches to what began to run since the last look. */
  look(): void {
    for (const pid of this.#processes.changed())
      try {
        if (hasGoCode(`/proc/${pid}/exe`)) this.#consider(openTarget(pid));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        log.debug(`process ${pid}: ${error.message}`);
      }
  }

  /** When all that was traced is over. */
  async over(): Promise<void> {
    await Promise.all(this.#tracing);
  }

  #consider(target: Target): void {
    if (this.#own && target.pid !== this.#root && !sameFile(target, this.#own)) return;
    const file = `${target.device}:${target.inode}`;
    if (this.#refused.has(file)) return;
    try {
      if (this.#sessions.live.size < maxTraced) this.#trace(target);
      else this.#sayTooMany();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#refused.add(file);
      log.info(launchMessages.notTraced(target, error.explanation));
    }
  }

  /** Whether it did not end or change meanwhile. */
  #trace(target: Target): boolean {
    const session = this.#attach(target);
    if (session === undefined) return false;
    const over = this.#sessions.follow(session).catch((error) => {
      if (!(error instanceof UserError)) throw error;
      log.warn(launchMessages.notTraced(target, error.explanation));
    });
    this.#tracing.add(over);
    over.finally(() => this.#tracing.delete(over)).catch(() => {});
    return true;
  }

  #attach(target: Target): TracingSession | undefined {
    try {
      return this.#sessions.attach(target);
    } catch (error) {
      if (changeSince(target) === undefined) throw error;
      log.warn(startMessages.endedEarly(target));
      return undefined;
    }
  }

  #sayTooMany(): void {
    if (!this.#saidTooMany) log.warn(launchMessages.tooMany(maxTraced));
    this.#saidTooMany = true;
  }
}
