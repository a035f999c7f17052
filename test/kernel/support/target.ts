import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { openGoBinary } from "../../../src/binary/index.ts";
import { buildGo } from "../../fixtures/go-binaries.ts";

const goVersion = "1.26.8";

/** The running Go program of test/kernel/target. */
export class Target {
  readonly path: string;
  /** File offsets of main.start and main.end. */
  readonly start: number;
  readonly end: number;
  readonly #child: ChildProcess;
  readonly #lines: Interface;

  static async run(): Promise<Target> {
    const path = await buildGo({ go: goVersion, source: join(import.meta.dirname, "../target") });
    const target = new Target(path);
    await once(target.#lines, "line");
    return target;
  }

  private constructor(path: string) {
    this.path = path;
    [this.start, this.end] = [fileOffset(path, "main.start"), fileOffset(path, "main.end")];
    this.#child = spawn(path, { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  get exe(): string {
    return `/proc/${this.pid}/exe`;
  }

  /** Lets it call start(i) and end(i) for i below `count`. */
  async call(count: number): Promise<void> {
    this.#child.stdin?.write(`${count}\n`);
    await once(this.#lines, "line");
  }

  /** Machine code at main.start as it is in memory now. A breakpoint is in it while a probe is attached. */
  codeInMemory(): string {
    // Without PIE, Go's linker puts the file's first byte at this address.
    return readHex(`/proc/${this.pid}/mem`, imageBase + this.start);
  }

  codeInFile(): string {
    return readHex(this.path, this.start);
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.stdin?.end();
    await exited;
  }
}

const imageBase = 0x400000;

function fileOffset(path: string, name: string): number {
  const binary = openGoBinary(path);
  try {
    const [found] = binary.functions.find(name);
    const offset = found && binary.fileOffset(found.address);
    if (offset === undefined) throw new Error(`no function ${name}`);
    return offset;
  } finally {
    binary.close();
  }
}

function readHex(path: string, position: number): string {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(8);
    readSync(file, bytes, 0, bytes.length, position);
    return bytes.toString("hex");
  } finally {
    closeSync(file);
  }
}
