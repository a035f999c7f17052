import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

interface BpfMap {
  readonly id: number;
  readonly name?: string;
  readonly type: string;
}

/**
 * How many entries each table of a process's BPF programs has, those with any; arrays are always full. Entries of
 * others than plain tables go by themselves: when room is needed (LRU), or when their socket is closed.
 */
export function entriesOf(pid: number): Record<string, number> {
  const ids = mapIds(pid);
  const maps = (bpftool("show") as BpfMap[]).filter(({ id, type }) => ids.has(id) && plain.has(type));
  const counts = maps.map(
    ({ id, name }) => [name ?? `${id}`, (bpftool("dump", "id", `${id}`) as unknown[]).length] as const,
  );
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

const plain = new Set(["hash", "percpu_hash"]);

function bpftool(...args: string[]): unknown {
  const options = { maxBuffer: 1 << 30 };
  return JSON.parse(execFileSync("bpftool", ["map", ...args, "--json"], options).toString());
}

function mapIds(pid: number): Set<number> {
  const texts = readdirSync(`/proc/${pid}/fdinfo`).map((fd) => readIfThere(`/proc/${pid}/fdinfo/${fd}`));
  return new Set(texts.flatMap((text) => /^map_id:\s*(\d+)$/m.exec(text)?.[1] ?? []).map(Number));
}

/** Descriptors come and go while they are looked at. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
