/** A cgroup of a test's own with a limit of memory, in version 2 or 1 of cgroups, whichever has the memory controller. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const versions = [
  {
    parent: "/sys/fs/cgroup",
    sign: "cgroup.subtree_control",
    limit: "memory.max",
    peak: "memory.peak",
    kills: "memory.events",
    anonymous: /^anon (\d+)$/m,
    kernel: (_: string, stat: string) => Number(/^kernel (\d+)$/m.exec(stat)?.[1] ?? 0),
  },
  {
    parent: "/sys/fs/cgroup/memory",
    sign: "memory.limit_in_bytes",
    limit: "memory.limit_in_bytes",
    peak: "memory.max_usage_in_bytes",
    kills: "memory.oom_control",
    anonymous: /^total_rss (\d+)$/m,
    kernel: (folder: string) => Number(read(join(folder, "memory.kmem.usage_in_bytes"))),
  },
] as const;

export class MemoryCgroup {
  readonly #folder: string;
  readonly #files: (typeof versions)[number];

  /** `bytes`: what its processes, their files' pages and what the kernel holds for them may take together. */
  constructor(bytes: number) {
    const files = versions.find(({ parent, sign }) => existsSync(join(parent, sign)));
    if (files === undefined) throw new Error("no memory controller of cgroups is mounted here");
    this.#files = files;
    this.#folder = join(files.parent, `otel-go-auto-test-${process.pid}`);
    if (files.sign === "cgroup.subtree_control") writeFileSync(join(files.parent, files.sign), "+memory");
    mkdirSync(this.#folder);
    writeFileSync(join(this.#folder, files.limit), String(bytes));
  }

  /** Words that run a command in it. */
  get wrapper(): readonly string[] {
    return ["sh", "-c", `echo $$ >${this.#folder}/cgroup.procs && exec "$@"`, "sh"];
  }

  /** Bytes. `peak` counts pages of files, which the kernel takes back when it needs them; `used` doesn't. */
  figures(): {
    readonly peak: number;
    readonly used: number;
    readonly kernel: number;
    readonly kills: number;
  } {
    const { peak, kills, anonymous } = this.#files;
    const stat = read(join(this.#folder, "memory.stat"));
    const kernel = this.#files.kernel(this.#folder, stat);
    return {
      peak: Number(read(join(this.#folder, peak))),
      used: Number(anonymous.exec(stat)?.[1]) + kernel,
      kernel,
      kills: Number(/^oom_kill (\d+)$/m.exec(read(join(this.#folder, kills)))?.[1]),
    };
  }

  /** When its processes have ended. */
  remove(): void {
    rmdirSync(this.#folder);
  }
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
