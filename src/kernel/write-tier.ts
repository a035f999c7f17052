/** Trace context is written into buffers of the target that are about to be sent: libraries with programs of the tier. */
import { writeTierOff } from "../report/propagation.ts";
import { heldCapabilities } from "../target/capabilities.ts";
import { addon, errnoName } from "./addon.ts";
import { lockdownMode } from "./lockdown.ts";
import { writeUserProgram } from "./trial-programs.ts";

/** Finds out by trying whether programs may write to a process's memory; else the text says why not. */
export function writeTierRefusal(): string | undefined {
  const errno = addon().tryLoadProgram(writeUserProgram);
  if (errno === 0) return undefined;
  const mode = lockdownMode();
  if (mode !== undefined && mode !== "none") return writeTierOff.lockedDown(mode);
  if (heldCapabilities().has("CAP_SYS_ADMIN")) return writeTierOff.refused(errnoName(errno));
  return mode === "none" ? writeTierOff.missing : writeTierOff.missingOrLockedDown;
}

/** "none" or "on", as a program that writes shows it; undefined: without CAP_SYS_ADMIN none loads in any case. */
export function lockdownByTrial(): "none" | "on" | undefined {
  if (addon().tryLoadProgram(writeUserProgram) === 0) return "none";
  return heldCapabilities().has("CAP_SYS_ADMIN") ? "on" : undefined;
}
