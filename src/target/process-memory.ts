import { closeSync, openSync, readSync, writeSync } from "node:fs";

/**
 * A process's memory, by its /proc/PID/mem: that of the program which runs when it is opened. After an exec, or the
 * process's end, nothing can be read and nothing is written any more, whoever has the pid then.
 */
export class ProcessMemory {
  readonly #file: number;

  /** @throws the file system's error: it takes CAP_SYS_PTRACE, or to be the process's own user */
  constructor(pid: number) {
    this.#file = openSync(`/proc/${pid}/mem`, "r+");
  }

  /** `length` bytes, or undefined where they can't all be read. */
  read(address: number, length: number): Buffer | undefined {
    const bytes = Buffer.alloc(length);
    try {
      return readSync(this.#file, bytes, 0, length, address) === length ? bytes : undefined;
    } catch {
      return undefined;
    }
  }

  /** An unsigned word of 64 bits. */
  word(address: number): bigint | undefined {
    return this.read(address, 8)?.readBigUInt64LE();
  }

  /** False: not all of it. Pages that are not there yet come. */
  write(address: number, bytes: Uint8Array): boolean {
    try {
      return writeSync(this.#file, bytes, 0, bytes.length, address) === bytes.length;
    } catch {
      return false;
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}
