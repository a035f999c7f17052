/** How much the verifier of a guest's kernel looks at for each program, and how deep its stack is. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { type Kernel, vmCache } from "./kernels.ts";

/** The kernel's limit is 1,000,000: room for other constants, and for the kernels that nobody has tried. */
const mostInstructions = 600_000;

interface Verified {
  /** The first 15 characters of the program's name. */
  readonly name: string;
  readonly instructions: number;
  /** Bytes of each function's frame, `176+4+32`. */
  readonly stack: string;
}

/** The path of a library to preload, which leaves what `verified` reads in the file $VERIFIER_LOG. */
export function buildVerifierLog(arch: Kernel["arch"]): string {
  const library = join(vmCache, `verifier-log-${arch}.so`);
  const compiler = arch === "arm64" ? "aarch64-linux-gnu-gcc" : "gcc";
  const source = join(import.meta.dirname, "verifier-log.c");
  mkdirSync(vmCache, { recursive: true });
  execFileSync(compiler, ["-O2", "-shared", "-fPIC", "-o", `${library}.${process.pid}`, source, "-ldl"]);
  renameSync(`${library}.${process.pid}`, library);
  return library;
}

interface Guest {
  file(name: string): Promise<Buffer>;
  /** What its kernel has printed. */
  readonly console: string;
}

/** The guest's kernel has taken each program with room to spare, and found no fault of its own. */
export async function assertVerified(t: { diagnostic(text: string): void }, guest: Guest, least = 1) {
  const programs = verified((await guest.file("verifier")).toString());
  for (const { name, instructions, stack } of programs)
    t.diagnostic(`${name}: ${instructions} instructions, stack ${stack}`);
  assert.ok(programs.length >= least, `${programs.length} programs were looked at`);
  for (const { name, instructions } of programs) assert.ok(instructions < mostInstructions, name);
  assert.doesNotMatch(guest.console, /BUG:|WARNING:|Oops|Call Trace/, guest.console);
}

/** Of the programs of the agent, without the nameless trials of what the kernel can. */
function verified(log: string): readonly Verified[] {
  return log.split("\n").flatMap((line) => {
    const [name = "", instructions, stack = ""] = line.split("\t");
    return name === "" ? [] : [{ name, instructions: Number(instructions), stack }];
  });
}
