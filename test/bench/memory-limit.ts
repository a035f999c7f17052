/** A cgroup whose processes, with what the kernel keeps for them (BPF maps too), may take so much memory and no more. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface MemoryLimit {
  /** A command in front of another, which then runs within the limit. */
  readonly wrapper: readonly string[];
  /** Most that was ever taken, in megabytes. */
  peak(): number;
  /** When all its processes have ended. */
  remove(): void;
}

/** Files of cgroup v1 and v2: kernel's Documentation/admin-guide/cgroup-v1/memory.rst and cgroup-v2.rst. */
const versions = [
  { folder: "/sys/fs/cgroup", limit: "memory.max", peak: "memory.peak", isThere: "cgroup.controllers" },
  {
    folder: "/sys/fs/cgroup/memory",
    limit: "memory.limit_in_bytes",
    peak: "memory.max_usage_in_bytes",
    isThere: "memory.limit_in_bytes",
  },
];

/** Throws where there is no memory controller. */
export function limitMemory(megabytes: number): MemoryLimit {
  const version = versions.find(({ folder, isThere }) => existsSync(join(folder, isThere)));
  if (version === undefined) throw new Error("no memory controller below /sys/fs/cgroup");
  const group = join(version.folder, `otel-go-auto-${process.pid}`);
  mkdirSync(group);
  writeFileSync(join(group, version.limit), String(megabytes * 2 ** 20));
  return {
    wrapper: ["sh", "-c", `echo $$ > ${group}/cgroup.procs && exec "$0" "$@"`],
    peak: () => Number(readFileSync(join(group, version.peak), "utf8")) / 2 ** 20,
    remove: () => rmdirSync(group),
  };
}
