/** Runs one command in another kernel and hands back what it said. */
import { spawn } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheDirectory } from "../fixtures/go-binaries.ts";
import { parseKernel, vmCache } from "./kernels.ts";
import { type Guest, qemuCommand } from "./qemu.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const repository = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const MAX_OUTPUT = 4 * 1024 * 1024;

export interface VmRun {
  /** See `kernels.ts`: `5.10`, `7.2+lockdown=integrity` … It must have been set up. */
  readonly kernel: string;
  /** Shell text, run as root in the repository; `$share` is a writable directory that stays. */
  readonly command: string;
  /** From QEMU's start to its end; at the limit it is killed. */
  readonly timeoutMs: number;
  readonly memoryMb?: number;
  readonly cpus?: number;
  /**
   * The guest gets a network: it finds this host's loopback at `hostInGuest`. For amd64, and set up with it.
   */
  readonly network?: boolean;
}

/** This host, where servers listen on its loopback, for guests with a network: see qemu.ts. */
export const hostInGuest = "10.0.2.2";

export interface VmResult {
  /** The command's, or `undefined` when the guest ended (or was ended) before it. */
  readonly exitCode: number | undefined;
  /** The command's standard output and error. */
  readonly output: string;
  /** What the kernel itself said. */
  readonly console: string;
  /** Seconds of the guest's clock from its start to the command's. */
  readonly bootSeconds: number;
  /** A file that the command left in `$share`. */
  file(name: string): Promise<Buffer>;
  /** Removes `$share` and what lies in it. */
  dispose(): Promise<void>;
}

export async function runInVm(run: VmRun): Promise<VmResult> {
  const share = await mkdtemp(join(tmpdir(), "otel-go-auto-vm-"));
  const dispose = () => rm(share, { recursive: true, force: true });
  try {
    await copyFile(join(here, "guest"), join(share, "guest"));
    await writeFile(join(share, "command"), commandFile(share, run));
    await runQemu(qemuCommand(guest(run, share)), run.timeoutMs);
    const exitCode = Number.parseInt(await text(join(share, "exit-code")), 10);
    return {
      exitCode: Number.isNaN(exitCode) ? undefined : exitCode,
      output: await text(join(share, "output")),
      console: await text(join(share, "console")),
      bootSeconds: Number.parseFloat(await text(join(share, "booted"))),
      file: (name) => readFile(join(share, name)),
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function guest({ kernel, memoryMb = 512, cpus = 2, network = false }: VmRun, share: string): Guest {
  const others = [repository, cacheDirectory()];
  return { kernel: parseKernel(kernel), share, others, memoryMb, cpus, network };
}

/** The guest has no environment: it gets what programs look for. */
function commandFile(share: string, { kernel, command, network }: VmRun): string {
  const variables = { share, PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: "/tmp" };
  const exports = Object.entries(variables).map(([name, value]) => `export ${name}=${quote(value ?? "")}`);
  const up = network ? [`sh test/vm/network ${quote(vmCache)} ${parseKernel(kernel).series} || exit 1`] : [];
  return [...exports, `cd ${quote(repository)}`, ...up, command, ""].join("\n");
}

/** Resolves when QEMU has ended. It dies with this process, however that ends (`--pdeathsig`). */
function runQemu(command: ReturnType<typeof qemuCommand>, timeoutMs: number): Promise<void> {
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", command.program, ...command.args], {
    env: command.env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-4096);
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0 || signal === "SIGKILL") resolve();
      else reject(new Error(`QEMU ended with ${code ?? signal}: ${complaint}`));
    });
  });
}

/** A file's text, its end when it is long, '' when there is none. */
async function text(path: string): Promise<string> {
  const content = await readFile(path).catch(() => Buffer.alloc(0));
  return content.subarray(-MAX_OUTPUT).toString();
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
