import { execFile } from "node:child_process";
import { mkdir, rename } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Directory of everything that scripts download or build; it may be deleted at any time. */
export function cacheDirectory(): string {
  return process.env.OTEL_GO_AUTO_CACHE ?? join(homedir(), ".cache", "otel-go-auto");
}

const built = new Map<string, Promise<string>>();

/** Builds the Go program of a directory and gives it one JSON request on stdin: its answer on stdout. */
export async function askTool<Request, Answer>(directory: string, request: Request): Promise<Answer> {
  const path = built.get(directory) ?? build(directory);
  built.set(directory, path);
  const child = run(await path, { maxBuffer: 1 << 28, timeout: 15 * 60_000 });
  // A program that ends early doesn't read its input; its exit says what was wrong.
  child.child.stdin?.on("error", () => {}).end(JSON.stringify(request));
  return JSON.parse((await child).stdout) as Answer;
}

async function build(directory: string): Promise<string> {
  await mkdir(cacheDirectory(), { recursive: true });
  const path = join(cacheDirectory(), basename(directory));
  // Another process may be running the one that is there; a rename leaves it that.
  const unfinished = `${path}.${process.pid}`;
  await run("go", ["build", "-buildvcs=false", "-o", unfinished, "."], { cwd: directory });
  await rename(unfinished, path);
  return path;
}
