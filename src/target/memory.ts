// man 5 proc, proc_pid_mem: /proc/PID/mem. Closed to us without CAP_SYS_PTRACE, and where kernel.yama.ptrace_scope is 3.
import { closeSync, openSync, readSync } from "node:fs";

/** What a running process has in its memory. To be closed. */
export class TargetMemory {
  readonly #file: number;

  /** Undefined when the kernel keeps it closed, or the process has ended. */
  static open(pid: number): TargetMemory | undefined {
    try {
      return new TargetMemory(openSync(`/proc/${pid}/mem`, "r"));
    } catch {
      return undefined;
    }
  }

  private constructor(file: number) {
    this.#file = file;
  }

  /** Eight bytes, or undefined when nothing is mapped there. */
  word(address: number): bigint | undefined {
    const bytes = Buffer.alloc(8);
    try {
      return readSync(this.#file, bytes, 0, 8, address) === 8 ? bytes.readBigUInt64LE() : undefined;
    } catch {
      return undefined;
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}
