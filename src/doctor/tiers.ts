/** Can trace context go out with requests? By loading what would do it, without attaching it. */
import { SocketTier, writeTierRefusal } from "../kernel/index.ts";
import { type Check, ok, warning } from "../report/doctor.ts";
import { kernelWords as words } from "../report/doctor-words.ts";
import type { TierReports } from "../report/start-report.ts";
import { tierReport } from "../session/outgoing-tiers.ts";
import { readBounded } from "../target/proc.ts";
import { isCheck } from "./look.ts";

/** `group`: "target" for a program, of which only those have a check that it has use for; "kernel" for this process in the place of one. */
export function tierChecks(group: "kernel" | "target", tiers: TierReports | Check): readonly Check[] {
  const ids = { socket: `${group}.socket_tier`, write: `${group}.write_tier`, messages: `${group}.messages` };
  if (isCheck(tiers)) return [tiers];
  const { socket, write, messages } = tiers;
  return [
    ...(socket ? [check(ids.socket, "socket tier", socket, words.socketTier(write?.on ?? false))] : []),
    ...(write ? [check(ids.write, "write tier", write, words.writeTier(socket?.on ?? false))] : []),
    ...(messages ? [check(ids.messages, "messages", messages, words.messages)] : []),
  ];
}

function check(
  id: string,
  title: string,
  { on, reason }: NonNullable<TierReports["socket"]>,
  { yes, no }: ReturnType<typeof words.socketTier>,
): Check {
  return on ? ok(id, title, yes) : warning(id, title, no(reason ?? ""));
}

/** Were this process the target, with a program that has use for all. */
export function ownTiers(): TierReports {
  const target = { pid: process.pid, cgroup: readBounded("/proc/self/cgroup", 65_536).toString() };
  // For messages it also depends on the program's own memory.
  return {
    socket: tierReport(SocketTier.refusal(target)),
    write: tierReport(writeTierRefusal()),
    messages: null,
  };
}
