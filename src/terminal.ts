import { closeSync, constants, openSync } from "node:fs";

/** Whether this process has a terminal that may go away, and whether it has gone. */
export class ControllingTerminal {
  readonly #wasThere = isThere();

  get isGone(): boolean {
    return this.#wasThere && !isThere();
  }
}

function isThere(): boolean {
  try {
    closeSync(openSync("/dev/tty", constants.O_RDONLY | constants.O_NOCTTY | constants.O_NONBLOCK));
    return true;
  } catch {
    return false;
  }
}
