/** How much memory this process's cgroups leave it: memory.max of cgroup2, memory.limit_in_bytes of version 1. */
import { dirname, join } from "node:path";
import { tryRead } from "../target/proc.ts";
import { cgroup2Points, cgroupDirectories, cgroupOf } from "./cgroup.ts";

/** Version 1 says "unlimited" as the largest number of whole pages. */
const unlimited = 2 ** 60;

/** Bytes; the lowest of the limits that can be seen from here, undefined when there is none. */
export function memoryLimit(): number | undefined {
  const limits = [...limitsOfVersion2(), ...limitsOfVersion1()].filter((limit) => limit < unlimited);
  return limits.length === 0 ? undefined : Math.min(...limits);
}

function limitsOfVersion2(): readonly number[] {
  const cgroup = cgroupOf(read("/proc/self/cgroup"));
  const mountinfo = read("/proc/self/mountinfo");
  if (cgroup === undefined) return [];
  const points = cgroup2Points(mountinfo);
  return cgroupDirectories(cgroup, mountinfo).flatMap((directory) =>
    upTo(points, directory).flatMap((each) => limitIn(join(each, "memory.max"))),
  );
}

/** A container sees its own cgroup there. */
function limitsOfVersion1(): readonly number[] {
  const path = /^\d+:memory:(\/.*)$/m.exec(read("/proc/self/cgroup"))?.[1];
  if (path === undefined) return [];
  const mount = "/sys/fs/cgroup/memory";
  return [join(mount, path), mount].flatMap((each) => limitIn(join(each, "memory.limit_in_bytes")));
}

/** The directory and those above it, as far as the mount. */
function upTo(points: readonly string[], directory: string): readonly string[] {
  if (points.includes(directory) || directory === dirname(directory)) return [directory];
  return [directory, ...upTo(points, dirname(directory))];
}

/** None for "max", and where there is no such file. */
function limitIn(file: string): readonly number[] {
  const text = tryRead(file, 64)?.toString().trim() ?? "";
  return /^\d+$/.test(text) ? [Number(text)] : [];
}

function read(path: string): string {
  return tryRead(path, 8 << 20)?.toString() ?? "";
}
