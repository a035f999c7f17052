/** Why this process may not do something: its capabilities, or what stands before the kernel. */
import { release } from "node:os";
import {
  memoryLockTooLow,
  permissionMissing,
  permissionRefused,
  systemCallFiltered,
  userNamespace,
} from "../report/kernel.ts";
import type { UserError } from "../report/user-error.ts";
import { type Capability, heldCapabilities, missingCapabilities } from "../target/capabilities.ts";
import { softLimit } from "../target/limits.ts";
import { inInitialUserNamespace } from "../target/user-namespace.ts";
import { addon, errnoName, type SystemCall } from "./addon.ts";
import { kernelHasField } from "./kernel-fields.ts";

/** What is tried: `doing` is "load a BPF program", `call` how, `wanted` what it takes. */
export interface Attempt {
  readonly doing: string;
  readonly call: SystemCall;
  readonly wanted: readonly Capability[];
}

/** Answers that speak of permission; ENOSYS is what filters say in place of it. */
const permissionCodes: ReadonlySet<string> = new Set(["EPERM", "EACCES", "ENOSYS"]);

/** Undefined when `code` doesn't speak of permission. */
export function permissionError(code: string, { doing, call, wanted }: Attempt): UserError | undefined {
  if (!permissionCodes.has(code)) return undefined;
  const missing = missingCapabilities(wanted, heldCapabilities());
  if (missing.length > 0) return permissionMissing(doing, missing, mayTakeMoreToAttach());
  const filtered = filterOf(call);
  if (filtered !== undefined) return systemCallFiltered(doing, call, filtered);
  if (code === "ENOSYS") return undefined;
  if (!inInitialUserNamespace()) return userNamespace(doing);
  const limit = lockedMemoryLimit();
  return limit === undefined ? permissionRefused(doing, code) : memoryLockTooLow(doing, limit, release());
}

/**
 * Whether attaching may take CAP_SYS_ADMIN besides, told before programs load, so that nobody comes to learn it at the
 * second attempt: there are no uprobe_multi links, and perf events are refused so far. Links can't be tried without
 * programs: the struct tells, which came with them in 6.6.
 */
function mayTakeMoreToAttach(): boolean {
  return kernelHasField(["bpf_uprobe_multi_link", "cnt"]) === false && addon().tryUprobe() !== 0;
}

/** What a filter answers to this system call, such as a container's seccomp profile; undefined: it gets to the kernel. */
export function filterOf(call: SystemCall): string | undefined {
  const errno = addon().trySystemCall(call);
  return errno === 0 ? undefined : errnoName(errno);
}

/** Bytes, where BPF's maps and programs count against the limit of locked memory: before 5.11. */
export function lockedMemoryLimit(): number | undefined {
  const limit = Number(softLimit("Max locked memory"));
  return Number.isNaN(limit) || !isBefore(release(), 5, 11) ? undefined : limit;
}

function isBefore(text: string, major: number, minor: number): boolean {
  const [ownMajor = 0, ownMinor = 0] = text.split(".").map((part) => Number.parseInt(part, 10));
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}
