/** Trace context is written into buffers of the target that are about to be sent: libraries with programs of the tier. */
import { writeTierOff } from "../report/propagation.ts";
import { readBounded } from "../target/proc.ts";
import { addon, errnoName } from "./addon.ts";
import { writeUserProgram } from "./trial-programs.ts";

/** Finds out by trying whether programs may write to a process's memory; else the text says why not. */
export function writeTierRefusal(): string | undefined {
  const errno = addon().tryLoadProgram(writeUserProgram);
  if (errno === 0) return undefined;
  const mode = lockdownMode();
  return mode === undefined ? writeTierOff.refused(errnoName(errno)) : writeTierOff.lockedDown(mode);
}

/** "integrity" or "confidentiality"; undefined when the kernel is not locked down, or doesn't say. */
function lockdownMode(): string | undefined {
  try {
    const modes = readBounded("/sys/kernel/security/lockdown", 4096).toString();
    const mode = /\[(\w+)\]/.exec(modes)?.[1];
    return mode === "none" ? undefined : mode;
  } catch {
    // securityfs need not be mounted.
    return undefined;
  }
}
