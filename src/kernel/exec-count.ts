/** How many programs have been executed on this machine, counted by the kernel: ebpf/execs. */
import { addon, type BpfMap, isSystemError, type ProgramLink } from "./addon.ts";
import { readObject } from "./objects.ts";

const onlyKey = Buffer.alloc(4);

export class ExecCount {
  readonly #map: BpfMap;
  /** What is not held is taken out of the kernel. */
  readonly #link: ProgramLink;

  /** Undefined where the kernel refuses it. */
  static open(): ExecCount | undefined {
    try {
      return new ExecCount();
    } catch (error) {
      if (!isSystemError(error)) throw error;
      return undefined;
    }
  }

  private constructor() {
    const object = new (addon().BpfObject)(
      readObject(process.arch === "x64" ? "amd64" : "arm64", "execs", false),
      "executed programs",
    );
    try {
      object.load();
      this.#map = object.map("execs");
      this.#link = object.attachTracepoint("count_exec");
    } finally {
      object.close();
    }
  }

  /** Since `open`. */
  read(): bigint {
    return this.#map.lookup(onlyKey)?.readBigUInt64LE() ?? 0n;
  }

  close(): void {
    this.#link.detach();
    this.#map.close();
  }
}
