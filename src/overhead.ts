/** What the agent takes of the processors, in percent of one, since it was last asked. */
import type { ProgramStatistics } from "./kernel/index.ts";

export interface Overhead {
  readonly agent: number;
  /** Run time of the BPF programs; undefined where the kernel doesn't count it (kernel.bpf_stats_enabled). */
  readonly bpf: number | undefined;
}

/** Milliseconds of the shortest stretch that is looked at: two that ask at once get the same answer. */
const shortest = 1_000;

interface Mark {
  /** All in milliseconds. */
  readonly at: number;
  readonly agent: number;
  readonly bpf: number | undefined;
}

export class OverheadMeter {
  readonly #programs: () => readonly ProgramStatistics[];
  #mark: Mark = { at: performance.now() - process.uptime() * 1000, agent: 0, bpf: undefined };
  #last: Overhead | undefined;

  /** `programs` gives the kernel's figures of all programs that are attached now. */
  constructor(programs: () => readonly ProgramStatistics[]) {
    this.#programs = programs;
  }

  read(): Overhead {
    const at = performance.now();
    const elapsed = at - this.#mark.at;
    if (this.#last !== undefined && elapsed < shortest) return this.#last;
    const { user, system } = process.cpuUsage();
    const now = { at, agent: (user + system) / 1000, bpf: runTime(this.#programs()) };
    const percent = (more: number) => (Math.max(more, 0) / elapsed) * 100;
    this.#last = {
      agent: percent(now.agent - this.#mark.agent),
      // Programs of a target that has ended take their figures with them: then it is less than before.
      bpf: now.bpf === undefined ? undefined : percent(now.bpf - (this.#mark.bpf ?? 0)),
    };
    this.#mark = now;
    return this.#last;
  }
}

/** Milliseconds; undefined when nothing was counted. */
function runTime(programs: readonly ProgramStatistics[]): number | undefined {
  const nanoseconds = programs.reduce((sum, program) => sum + program.nanoseconds, 0n);
  return nanoseconds === 0n ? undefined : Number(nanoseconds) / 1e6;
}
