import { closeSync, openSync, readlinkSync, statSync } from "node:fs";
import * as report from "../report/target.ts";
import { heldCapabilities, missingCapabilities } from "./capabilities.ts";
import { hiddenProcesses, pidsWithInnerPid } from "./hints.ts";
import { errorCode, type ProcessStat, readBounded, readStat, readStatus, tryRead } from "./proc.ts";
import type { Target } from "./target.ts";
import { inInitialUserNamespace } from "./user-namespace.ts";

/**
 * Looks at a running process and makes sure that its executable can be read.
 * @throws UserError (noTarget) when there is no such process or it has no executable; (noPermission) when this
 *   process may not look at it; (failure) when /proc is another PID namespace's
 */
export function openTarget(pid: number): Target {
  if (!isOwnProc()) throw report.foreignProc();
  const stat = statOf(pid);
  if (stat.kernelThread) throw report.kernelThread(pid, stat.command);
  if (hasEnded(stat)) throw report.zombie(pid, stat.command);
  refuseThread(pid);
  const exeLink = `/proc/${pid}/exe`;
  const target = { pid, exeLink, ...executable(pid, exeLink), ...surroundings(pid, stat) };
  if (statOf(pid).startTime !== stat.startTime) throw noSuchProcess(pid);
  return target;
}

/** Whether /proc shows the PID namespace that this process is in. */
export function isOwnProc(): boolean {
  try {
    return readlinkSync("/proc/self") === String(process.pid);
  } catch {
    return false;
  }
}

export function hasEnded(stat: ProcessStat): boolean {
  return stat.state === "Z" || stat.state === "X";
}

function statOf(pid: number): ProcessStat {
  try {
    return readStat(pid);
  } catch (error) {
    throw asUserError(pid, error);
  }
}

/** /proc answers for thread ids too, though it does not list them. */
function refuseThread(pid: number): void {
  const leader = Number(readStatus(pid, "Tgid") ?? pid);
  if (leader !== pid) throw report.isThread(pid, leader);
}

function executable(pid: number, exeLink: string): Pick<Target, "exePath" | "device" | "inode"> {
  try {
    const { dev: device, ino: inode } = statSync(exeLink, { bigint: true });
    closeSync(openSync(exeLink, "r"));
    return { exePath: withoutDeleted(readlinkSync(exeLink)), device, inode };
  } catch (error) {
    throw asUserError(pid, error);
  }
}

/** Path of what a process runs, as it sees it; undefined when it has ended or may not be looked at. */
export function executablePath(pid: number): string | undefined {
  try {
    return withoutDeleted(readlinkSync(`/proc/${pid}/exe`));
  } catch {
    return undefined;
  }
}

/** The kernel marks the path of a file that has been removed or replaced on disk. */
export function withoutDeleted(path: string): string {
  return path.replace(/ \(deleted\)$/, "");
}

function surroundings(
  pid: number,
  stat: ProcessStat,
): Pick<Target, "environment" | "environmentClosed" | "cgroup" | "command" | "startTime" | "startStack"> {
  return {
    ...environmentOf(pid),
    cgroup: tryRead(`/proc/${pid}/cgroup`, 65_536)?.toString() ?? "",
    command: stat.command,
    startTime: stat.startTime,
    startStack: stat.startStack,
  };
}

/** Above a mebibyte the rest is left out. The file's mode is for its owner, so others need CAP_DAC_READ_SEARCH too. */
function environmentOf(pid: number): Pick<Target, "environment" | "environmentClosed"> {
  try {
    return { environment: parseEnvironment(readBounded(`/proc/${pid}/environ`, 1 << 20).toString()) };
  } catch (error) {
    const closed = missingCapabilities(["CAP_DAC_READ_SEARCH"], heldCapabilities());
    return { environment: new Map(), ...(isRefusal(error) && { environmentClosed: closed }) };
  }
}

/** Name → value of the text of /proc/PID/environ. */
export function parseEnvironment(text: string): ReadonlyMap<string, string> {
  const pairs = text.split("\0").map((pair) => pair.split(/=(.*)/s, 2));
  return new Map(
    pairs.flatMap(([name, value]) => (name && value !== undefined ? [[name, value] as const] : [])),
  );
}

function asUserError(pid: number, error: unknown): Error {
  const code = errorCode(error);
  if (code === "ENOENT" || code === "ESRCH") return noSuchProcess(pid);
  if (isRefusal(error)) return noPermission(pid);
  return error instanceof Error ? error : new Error(String(error));
}

function isRefusal(error: unknown): boolean {
  return ["EACCES", "EPERM"].includes(errorCode(error) ?? "");
}

function noSuchProcess(pid: number): Error {
  return report.noSuchProcess(pid, { elsewhere: pidsWithInnerPid(pid), hidden: hiddenProcesses() });
}

/**
 * The links of /proc/PID ask for CAP_SYS_PTRACE; when they can be followed, an executable that is not readable
 * for all asks for CAP_DAC_READ_SEARCH.
 */
function noPermission(pid: number): Error {
  let capability: "CAP_SYS_PTRACE" | "CAP_DAC_READ_SEARCH" = "CAP_DAC_READ_SEARCH";
  try {
    statSync(`/proc/${pid}/exe`);
  } catch {
    capability = "CAP_SYS_PTRACE";
  }
  const held = missingCapabilities([capability], heldCapabilities()).length === 0;
  if (held && !inInitialUserNamespace()) return report.otherUserNamespace(pid);
  return report.noPermission(pid, capability, held);
}
