import assert from "node:assert/strict";
import { openGoBinary } from "../../src/binary/index.ts";
import { ExitCode } from "../../src/report/exit-code.ts";
import { UserError } from "../../src/report/user-error.ts";

/** Opening the file ends in an error for users: with this reason, its path, and a next step. */
export function refused(path: string, reason: RegExp, exitCode: number = ExitCode.nothingToInstrument): void {
  assert.throws(
    () => openGoBinary(path).close(),
    (error) => isRefusal(error, path, reason, exitCode),
  );
}

export function isRefusal(error: unknown, path: string, reason: RegExp, exitCode: number): true {
  assert.ok(error instanceof UserError, String(error));
  assert.equal(error.exitCode, exitCode);
  const { what, why = "", next } = error.explanation;
  assert.match(`${what}; ${why}`, reason);
  assert.ok(what.includes(path));
  assert.ok(next);
  return true;
}
