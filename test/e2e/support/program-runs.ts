import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

interface Program {
  readonly id: number;
  readonly name: string;
  readonly run_cnt?: number;
  readonly run_time_ns?: number;
}

/** How often each of a process's BPF programs has run, as the kernel counts it while statistics are on. */
export function runsOf(pid: number): Record<string, number> {
  return Object.fromEntries(programsOf(pid).map(({ name, run_cnt = 0 }) => [name, run_cnt]));
}

/** How long all of them have run, in nanoseconds. */
export function runTimeOf(pid: number): number {
  return programsOf(pid).reduce((sum, { run_time_ns = 0 }) => sum + run_time_ns, 0);
}

function programsOf(pid: number): Program[] {
  const ids = programIds(pid);
  const programs = JSON.parse(execFileSync("bpftool", ["prog", "show", "--json"]).toString()) as Program[];
  return programs.filter(({ id }) => ids.has(id));
}

/** The kernel's ids of the programs that a process holds. */
function programIds(pid: number): Set<number> {
  const texts = readdirSync(`/proc/${pid}/fdinfo`).map((fd) =>
    readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8"),
  );
  return new Set(texts.flatMap((text) => /^prog_id:\s*(\d+)$/m.exec(text)?.[1] ?? []).map(Number));
}
