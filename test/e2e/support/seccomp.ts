/** Seccomp filters for a command, made of a container's profile as its runtime makes them. */
import { execFileSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";

/** What is used of https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#seccomp. */
export interface Profile {
  readonly defaultAction: Action;
  readonly defaultErrnoRet?: number;
  readonly syscalls: readonly Rule[];
}

interface Rule {
  readonly names: readonly string[];
  readonly action: Action;
  readonly errnoRet?: number;
  /** The rule holds when the argument is as it says. */
  readonly args?: readonly {
    readonly index: number;
    /** Of a masked comparison: the mask. */
    readonly value: number;
    readonly valueTwo: number;
    readonly op: "SCMP_CMP_MASKED_EQ";
  }[];
}

type Action = "SCMP_ACT_ALLOW" | "SCMP_ACT_ERRNO";

/** A profile that lets all pass but these, which it answers with an error such as "EPERM". */
export function refusing(error: "EPERM" | "ENOSYS", ...names: string[]): Profile {
  const rule: Rule = { names, action: "SCMP_ACT_ERRNO", errnoRet: constants.errno[error] };
  return { defaultAction: "SCMP_ACT_ALLOW", syscalls: [rule] };
}

/** Command and arguments that run what stands behind them under the profile. Its files come into `folder`. */
export function underProfile(profile: Profile, folder: string): readonly string[] {
  const [loader, filter] = [join(folder, "seccomp"), join(folder, `filter-${process.hrtime.bigint()}`)];
  execFileSync("cc", ["-O1", "-Wall", "-Werror", "-o", loader, join(import.meta.dirname, "seccomp.c")]);
  writeFileSync(filter, filterOf(profile));
  for (const file of [loader, filter]) chmodSync(file, 0o755);
  return [loader, filter];
}

/** Instructions of include/uapi/linux/filter.h. */
const load = (offset: number) => instruction(0x20, offset);
const and = (mask: number) => instruction(0x54, mask);
const answer = (value: number) => instruction(0x06, value);
const unlessEqual = (value: number, skip: number) => instruction(0x15, value, skip);

function instruction(code: number, k: number, ifFalse = 0): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(ifFalse, 3);
  bytes.writeUInt32LE(k >>> 0, 4);
  return bytes;
}

/** The system call's number, and the low half of an argument, in struct seccomp_data. */
const numberAt = 0;
const argumentAt = (index: number) => 16 + 8 * index;

function filterOf(profile: Profile): Buffer {
  const numbers = systemCalls();
  const rules = profile.syscalls.flatMap((rule) =>
    rule.names.flatMap((name) => {
      const number = numbers.get(name);
      // Libseccomp leaves out what this architecture doesn't have.
      return number === undefined ? [] : one(number, rule);
    }),
  );
  const fallback = answer(answerOf(profile.defaultAction, profile.defaultErrnoRet));
  return Buffer.concat([load(numberAt), ...rules, fallback]);
}

/** Each rule leaves the number loaded. */
function one(number: number, { action, errnoRet, args = [] }: Rule): Buffer[] {
  const value = answer(answerOf(action, errnoRet));
  const [condition] = args;
  if (condition === undefined) return [unlessEqual(number, 1), value];
  const { index, value: mask, valueTwo } = condition;
  const check = [load(argumentAt(index)), and(mask), unlessEqual(valueTwo, 1), value, load(numberAt)];
  return [unlessEqual(number, check.length), ...check];
}

function answerOf(action: Action, errno: number = constants.errno.EPERM): number {
  return action === "SCMP_ACT_ALLOW" ? 0x7fff0000 : 0x00050000 | errno;
}

/** Name → number, on this architecture. */
function systemCalls(): ReadonlyMap<string, number> {
  const text = execFileSync("cc", [
    "-E",
    "-dM",
    "-include",
    "asm/unistd.h",
    "-x",
    "c",
    "/dev/null",
  ]).toString();
  return new Map(
    [...text.matchAll(/^#define __NR_(\w+) (\d+)$/gm)].map(([, name = "", number]) => [name, Number(number)]),
  );
}
