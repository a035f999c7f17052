import type { OtlpOptions } from "../config/config.ts";
import {
  exportFails,
  exportRecovered,
  exportStillFails,
  type FailureCause,
  itemsRejected,
} from "../report/export.ts";
import { log } from "../report/log.ts";
import type { SignalWords } from "../report/signals.ts";
import type { SendResult } from "./batcher.ts";
import { causeOf } from "./failure.ts";

const minute = 60_000;

/** Speaks of failing exports: once when it begins, then at most a line a minute, once when it is over. */
export class ExportHealth {
  readonly #endpoint: OtlpOptions;
  readonly #words: SignalWords;
  readonly #now: () => number;
  #failing = false;
  /** Whether the user was told of this failure: one that comes less than a minute after another is not. */
  #announced = false;
  #lost = 0;
  #lastFailureLine = Number.NEGATIVE_INFINITY;
  #lastRejectionLine = Number.NEGATIVE_INFINITY;

  /** `now` in milliseconds. */
  constructor(endpoint: OtlpOptions, words: SignalWords, now: () => number = Date.now) {
    this.#endpoint = endpoint;
    this.#words = words;
    this.#now = now;
  }

  /** An attempt failed that will be repeated: nothing is lost yet, but the user should know early. */
  attemptFailed(error: Error): void {
    this.#fail(this.#causeOf(error), 0);
  }

  /** An empty request has shown, before there is anything to send, that it would not be taken. */
  refused(cause: FailureCause): void {
    this.#fail(cause, 0);
  }

  finished(result: SendResult, items: number): void {
    if (result.ok) {
      this.#recover();
      if (result.rejected > 0) this.#reject(result.rejected, result.message);
    } else {
      this.#fail(this.#causeOf(result.error), items);
    }
  }

  #causeOf(error: Error): FailureCause {
    return causeOf(error, this.#endpoint, this.#words);
  }

  #fail(cause: FailureCause, lost: number): void {
    const { endpoint } = this.#endpoint;
    const words = this.#words;
    this.#lost += lost;
    const tellNow = this.#now() - this.#lastFailureLine >= minute;
    if (tellNow) {
      log.warn(
        this.#announced
          ? exportStillFails(words, endpoint, cause, this.#lost)
          : exportFails(words, endpoint, cause),
      );
      this.#lastFailureLine = this.#now();
      this.#announced = true;
    }
    this.#failing = true;
  }

  #recover(): void {
    if (!this.#failing) return;
    if (this.#announced) {
      log.info(exportRecovered(this.#words, this.#endpoint.endpoint, this.#lost));
      this.#lost = 0;
    }
    this.#failing = false;
    this.#announced = false;
  }

  #reject(rejected: number, message: string | undefined): void {
    if (this.#now() - this.#lastRejectionLine < minute) return;
    this.#lastRejectionLine = this.#now();
    log.warn(itemsRejected(this.#words, this.#endpoint.endpoint, rejected, message));
  }
}
