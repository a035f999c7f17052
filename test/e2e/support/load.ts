import { join } from "node:path";
import { buildGo } from "../../fixtures/go-binaries.ts";
import { repository } from "./agent.ts";
import { start } from "./process.ts";

export interface LoadResult {
  readonly requests: number;
  readonly failed: number;
  /** How often each error came, of the first twenty different ones. */
  readonly errors: Readonly<Record<string, number>>;
  readonly seconds: number;
}

export interface Load {
  readonly url: string;
  readonly connections: number;
  /** How many requests; without it the load goes on until `stop`. */
  readonly requests?: number;
  /** Requests a second; without it as many as can be. */
  readonly rate?: number;
  /** Generated headers of each request. */
  readonly headers?: number;
  /** File with a traceparent for each request. */
  readonly traceparents?: string;
}

export interface RunningLoad {
  /** The result when the load ends by itself. */
  readonly result: Promise<LoadResult>;
  /** Lets the requests on the way finish. */
  stop(): Promise<LoadResult>;
}

export async function startLoad(load: Load): Promise<RunningLoad> {
  const executable = await buildGo({ go: "1.26.8", source: join(repository, "test", "load") });
  const args = ["-url", load.url, "-c", String(load.connections), "-headers", String(load.headers ?? 0)];
  if (load.rate !== undefined) args.push("-rate", String(load.rate));
  if (load.requests !== undefined) args.push("-n", String(load.requests));
  if (load.traceparents !== undefined) args.push("-traceparents", load.traceparents);
  const running = start(executable, args, { stdio: ["pipe", "pipe", "pipe"] });
  const result = running.exited.then(({ code }) => {
    if (code !== 0) throw new Error(`the load generator ended with ${code}: ${running.stderr()}`);
    return JSON.parse(running.stdout()) as LoadResult;
  });
  result.catch(() => {});
  return {
    result,
    async stop() {
      running.child.stdin?.end();
      return await result;
    },
  };
}

/** Sends all requests of a load with an end. */
export async function sendLoad(
  load: Load & ({ requests: number } | { traceparents: string }),
): Promise<LoadResult> {
  return await (await startLoad(load)).result;
}
