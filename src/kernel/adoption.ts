/** Why a target's open connections can't be taken over: addon/src/connections.cc does it. */
import { readdirSync } from "node:fs";
import { notAdopted } from "../report/propagation.ts";
import { heldCapabilities, missingCapabilities } from "../target/capabilities.ts";
import { tryRead } from "../target/proc.ts";
import { filterOf } from "./refusal.ts";

/** `code` is what the kernel said, "EPERM". */
export function adoptionRefusal(pid: number, code: string): string {
  for (const call of ["pidfd_open", "pidfd_getfd"] as const) {
    const filtered = filterOf(call);
    if (filtered !== undefined) return notAdopted.filtered(call, filtered);
  }
  // The folder's mode lets its owner in; what stands in it is asked for as a debugger would.
  const capability = canList(`/proc/${pid}/fd`) ? "CAP_SYS_PTRACE" : "CAP_DAC_READ_SEARCH";
  if (capability === "CAP_SYS_PTRACE" && ptraceScope() === "3") return notAdopted.nobodyMay;
  const missing = missingCapabilities([capability], heldCapabilities());
  return missing.length > 0 ? notAdopted.missing(missing) : notAdopted.refused(code);
}

function canList(folder: string): boolean {
  try {
    readdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

/** https://docs.kernel.org/admin-guide/LSM/Yama.html */
function ptraceScope(): string | undefined {
  return tryRead("/proc/sys/kernel/yama/ptrace_scope", 64)?.toString().trim();
}
