import { addon, isSystemError } from "./addon.ts";

/** Calls back once when the process has ended; the result ends the watch. Undefined where the kernel won't tell. */
export function onProcessEnd(pid: number, callback: () => void): (() => void) | undefined {
  try {
    const watch = new (addon().ProcessEnd)(pid, callback);
    return () => watch.close();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return undefined;
  }
}
