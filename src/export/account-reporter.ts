import { accountText, asidesText } from "../report/account.ts";
import { log } from "../report/log.ts";
import { type Account, balance } from "./account.ts";

const minute = 60_000;

/** Says the account once a minute while requests are being lost or not seen, and at the end. */
export class AccountReporter {
  readonly #read: () => Account;
  readonly #timer: NodeJS.Timeout;
  #lostSoFar = 0;
  #unseenSoFar = 0;

  /** `read` gives the account as it stands now; it is called once a minute and at the end. */
  constructor(read: () => Account) {
    this.#read = read;
    this.#timer = setInterval(() => this.tick(), minute).unref();
  }

  /** One look at the account: a line when more was lost since the last look. */
  tick(): void {
    const account = this.#read();
    const { lost, missing } = balance(account);
    // What the exporter doesn't know of yet is in the ring; at the end that is empty, and nothing may be missing.
    const outcomes = { ...account.outcomes, inRing: Math.max(missing, 0) };
    if (lost > this.#lostSoFar) log.warn(text({ ...account, outcomes }));
    this.#lostSoFar = lost;
    const unseen = unseenOf(account);
    if (unseen > this.#unseenSoFar) log.warn(asidesText(account.asides ?? {}));
    this.#unseenSoFar = unseen;
  }

  /** The last word, when all is exported or dropped. */
  end(): Account {
    clearInterval(this.#timer);
    const account = this.#read();
    const { lost, missing } = balance(account);
    log[lost > 0 || missing !== 0 ? "warn" : "info"](text(account));
    const asides = asidesText(account.asides ?? {});
    if (asides) log.info(asides);
    return account;
  }
}

function text(account: Account): string {
  return accountText(account.started, account.outcomes, balance(account).missing);
}

/** Requests that the account doesn't know of. */
function unseenOf({ asides }: Account): number {
  return (asides?.endWithoutStart ?? 0) + (asides?.foreign ?? 0);
}
