/** All targets that are traced now, and the counts of those that were. */
import type { Config, LiveSettings } from "./config/config.ts";
import type { MetricSource } from "./export/metrics-types.ts";
import { type KernelFeatures, onProcessEnd } from "./kernel/index.ts";
import { log } from "./report/log.ts";
import { startMessages } from "./report/start.ts";
import { UserError } from "./report/user-error.ts";
import { TracingSession } from "./session/session.ts";
import { addSessionCounts, type SessionCounts } from "./session/session-counts.ts";
import { watchSilence } from "./session/silence.ts";
import type { SpanRecord } from "./spans/types.ts";
import { type Change, changeSince, watchExit } from "./target/exit.ts";
import { openTarget } from "./target/open.ts";
import type { Target } from "./target/target.ts";

export interface SessionsOptions {
  readonly config: Config;
  readonly features: KernelFeatures;
  readonly onSpan: (span: SpanRecord) => void;
  /** Takes a target's values from its attaching on; the result ends that. */
  readonly addMetrics: (source: MetricSource) => () => void;
  /** Aborted: all are detached from. */
  readonly signal: AbortSignal;
}

export class Sessions {
  readonly #options: SessionsOptions;
  readonly #live = new Set<TracingSession>();
  #past: SessionCounts | undefined;
  #settings: LiveSettings;
  #refused: { readonly pid: number; readonly error: UserError } | undefined;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#settings = options.config.live;
  }

  /** For all targets that are traced now, and for those to come. */
  apply(settings: LiveSettings): void {
    this.#settings = settings;
    for (const session of this.#live) session.apply(settings);
  }

  get live(): ReadonlySet<TracingSession> {
    return this.#live;
  }

  /** Of all targets so far. */
  counts(): SessionCounts {
    const now = [...this.#live].map((session) => session.counts());
    return addSessionCounts([...(this.#past ? [this.#past] : []), ...now]);
  }

  /** The last target, when it could not be traced. */
  get refused(): { readonly pid: number; readonly error: UserError } | undefined {
    return this.#refused;
  }

  /** Whether any target is over that was traced. */
  get hasPast(): boolean {
    return this.#past !== undefined;
  }

  /** Attaches, and goes on until the target is over or the agent stops. Throws a UserError when it can't be traced. */
  async trace(target: Target): Promise<void> {
    await this.follow(this.attach(target));
  }

  /** Throws a UserError when it can't be traced. */
  attach(target: Target): TracingSession {
    const { config, features, onSpan } = this.#options;
    try {
      const settings = { ...config, live: this.#settings };
      const session = new TracingSession(target, settings, features, onSpan, this.#live.size);
      this.#live.add(session);
      this.#refused = undefined;
      return session;
    } catch (error) {
      if (error instanceof UserError) this.#refused = { pid: target.pid, error };
      throw error;
    }
  }

  /** Until the target is over or the agent stops. Throws a UserError when it executed itself and can't be traced any more. */
  async follow(session: TracingSession): Promise<void> {
    const { addMetrics, signal } = this.#options;
    const { target } = session;
    const removeMetrics = addMetrics(session.metrics);
    const stopWatching = watchSilence(session.watched());
    const change = await changeOf(target, signal);
    this.#live.delete(session);
    stopWatching();
    const counts = session.detach();
    // Behind the last record.
    removeMetrics();
    session.close();
    this.#past = addSessionCounts(this.#past ? [this.#past, counts] : [counts]);
    log.info(startMessages[change](target));
    if (change === "restarted") await this.trace({ ...openTarget(target.pid), exePath: target.exePath });
  }
}

/** Until the target ends, or the user wants to stop. */
function changeOf(target: Target, signal: AbortSignal): Promise<Change | "stopped"> {
  return new Promise((resolve) => {
    const stop = () => resolve(changeSince(target) ?? "stopped");
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    watchExit(target, signal, onProcessEnd).then((change) => {
      signal.removeEventListener("abort", stop);
      resolve(change);
    });
  });
}
