import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

/** A folder of the test's own, readable for all. */
export function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "otel-go-auto-target-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A copy of `sleep` at a path of its own. */
export function sleepAt(path: string): string {
  copyFileSync("/usr/bin/sleep", path);
  return path;
}

/** Starts a process that is killed when the test ends. */
export async function start(
  t: TestContext,
  command: string,
  ...args: string[]
): Promise<ChildProcess & { pid: number }> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  await once(child, "spawn");
  t.after(() => child.kill("SIGKILL"));
  return child as ChildProcess & { pid: number };
}

/** Waits for what a helper process does; one that died would be waited for until this limit, in milliseconds. */
export async function until(condition: () => boolean, limit = 60_000): Promise<void> {
  const deadline = Date.now() + limit;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`nothing came of it in ${limit} ms: ${condition}`);
    await sleep(10);
  }
}

export const runs = (pid: number, path: string) => () => {
  try {
    return readlinkSync(`/proc/${pid}/exe`) === path;
  } catch {
    return false;
  }
};

const nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
const checkout = join(import.meta.dirname, "../..");

/** Why a test can't run as another user: it isn't root itself, or the checkout is in a closed home directory. */
export function cannotBeNobody(): string | false {
  const { status } = spawnSync("setpriv", [...nobody, "test", "-r", join(checkout, "package.json")]);
  return status !== 0 && "the user nobody can't read this checkout";
}

/** What a script of the project says when it runs as another user, with the given capabilities only. */
export async function asNobody(script: string, capabilities: string[] = []): Promise<string> {
  const list = capabilities.map((name) => `+${name}`).join(",");
  const given = list === "" ? [] : [`--inh-caps=${list}`, `--ambient-caps=${list}`];
  const child = spawn(
    "setpriv",
    [...nobody, ...given, process.execPath, "--import", "tsx", "--input-type=module", "-e", script],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  await once(child, "close");
  return output;
}
