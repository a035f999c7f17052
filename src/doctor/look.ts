/** A look at something that may fail in any way without ending the others. */
import { type Check, problem, warning } from "../report/doctor.ts";
import { notLookedAt } from "../report/doctor-words.ts";
import { UserError } from "../report/user-error.ts";

/** What `look` gives; a UserError becomes a problem with its exit code, anything else a warning. */
export function attempt<T>(id: string, title: string, look: () => T): T | Check {
  try {
    return look();
  } catch (error) {
    return failed(id, title, error);
  }
}

export function failed(id: string, title: string, error: unknown): Check {
  if (error instanceof UserError) return problem(id, title, error.explanation, error.exitCode);
  return warning(id, title, notLookedAt(error instanceof Error ? error.message : String(error)));
}

export function isCheck(value: unknown): value is Check {
  return typeof value === "object" && value !== null && "status" in value && "found" in value;
}
