/** Booleans of the target that the agent sets: src/session/span-switches.ts. */
import { printable } from "./printable.ts";

export const switchMessages = {
  notOpened: (name: string, error: string) =>
    `${name}: the program can't be told to build spans, its memory is closed to the agent (${printable(error)}): it needs CAP_SYS_PTRACE, and kernel.yama.ptrace_scope below 3; all else is traced`,
  notBoolean: (name: string) =>
    `${name}: the program can't be told to build spans: there is no boolean where one was looked for; all else is traced`,
  notCleared: (pid: number, error: string) =>
    `process ${pid} can't be told any more that nobody takes its spans: ${printable(error)}`,
};
