/** Can trace context go out with requests? By loading what would do it, without attaching it. */
import { SocketTier, writeTierRefusal } from "../kernel/index.ts";
import { type Check, ok, warning } from "../report/doctor.ts";
import { kernelWords as words } from "../report/doctor-words.ts";
import { readBounded } from "../target/proc.ts";
import { attempt, isCheck } from "./look.ts";

/** `group`: "target" for a program that has use for it, "kernel" for this process in the place of one. */
export function socketTier(
  group: "kernel" | "target",
  target: Parameters<typeof SocketTier.refusal>[0],
): Check {
  const [id, title] = [`${group}.socket_tier`, "socket tier"] as const;
  const refusal = attempt(id, title, () => SocketTier.refusal(target));
  if (isCheck(refusal)) return refusal;
  return refusal === undefined
    ? ok(id, title, words.socketTier)
    : warning(id, title, words.noSocketTier(refusal));
}

export function writeTier(group: "kernel" | "target"): Check {
  const [id, title] = [`${group}.write_tier`, "write tier"] as const;
  const refusal = attempt(id, title, writeTierRefusal);
  if (isCheck(refusal)) return refusal;
  return refusal === undefined
    ? ok(id, title, words.writeTier)
    : warning(id, title, words.noWriteTier(refusal));
}

/** What the socket tier would ask about this process. */
export function ownProcess(): Parameters<typeof SocketTier.refusal>[0] {
  return { pid: process.pid, cgroup: readBounded("/proc/self/cgroup", 65_536).toString() };
}
