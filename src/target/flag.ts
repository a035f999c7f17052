// man 5 proc_pid_mem: reads and writes what the process itself may. The open file stands for the memory of the program
// that ran when it was opened: after an exec, or the process's end, nothing can be written by it any more.

import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { readBounded } from "./proc.ts";

/** vm.max_map_count allows 65,530 mappings by default, of about 100 bytes each. */
const mapsLimit = 16 << 20;

const wordSize = 8;

/** "not yet": the program has not come to where it sets the pointer. */
export type FlagState = "set" | "not yet" | "no boolean";

/** A boolean in a process's memory, which one of the process's global variables points to. */
export class ProcessFlag {
  readonly #pid: number;
  readonly #variable: number;
  #memory: number | undefined;
  /** Where the boolean is; known when it has been set. */
  #address: number | undefined;

  /** `variable` is the address of the pointer. @throws the file system's error */
  constructor(pid: number, variable: number) {
    this.#pid = pid;
    this.#variable = variable;
    this.#memory = openSync(`/proc/${pid}/mem`, "r+");
  }

  /** Makes it true, after having made sure that it is a boolean that the program itself may write. @throws likewise */
  set(): FlagState {
    const address = Number(this.#read(this.#variable, wordSize).readBigUInt64LE());
    if (address === 0) return "not yet";
    if (!isWritable(this.#pid, address) || (this.#read(address, 1)[0] ?? 2) > 1) return "no boolean";
    this.#write(address, 1);
    this.#address = address;
    return "set";
  }

  /** Makes it true again, if it was set and somebody has made it false since. @throws likewise */
  setAgain(): void {
    if (this.#address !== undefined && this.#read(this.#address, 1)[0] === 0) this.#write(this.#address, 1);
  }

  /** Makes it false, if it was set. @throws likewise */
  clear(): void {
    if (this.#address === undefined) return;
    const address = this.#address;
    this.#address = undefined;
    if (this.#read(address, 1)[0] === 1) this.#write(address, 0);
  }

  close(): void {
    if (this.#memory !== undefined) closeSync(this.#memory);
    this.#memory = undefined;
  }

  #read(address: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    const read = this.#memory === undefined ? 0 : readSync(this.#memory, bytes, 0, length, address);
    if (read !== length) throw new RangeError(`process ${this.#pid} has ended`);
    return bytes;
  }

  #write(address: number, value: 0 | 1): void {
    if (this.#memory !== undefined) writeSync(this.#memory, Buffer.of(value), 0, 1, address);
  }
}

/** Whether the address lies in memory of the process that it may write and that shows no device. */
function isWritable(pid: number, address: number): boolean {
  const maps = readBounded(`/proc/${pid}/maps`, mapsLimit).toString("latin1");
  return maps.split("\n").some((line) => {
    const [, start = "", end = ""] = /^([0-9a-f]+)-([0-9a-f]+) rw.p /.exec(line) ?? [];
    return Number.parseInt(start, 16) <= address && address < Number.parseInt(end, 16);
  });
}
