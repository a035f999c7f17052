import { join } from "node:path";
import { buildGo } from "../../fixtures/go-binaries.ts";
import { repository } from "./agent.ts";
import { type Server, startExecutable } from "./server.ts";

export const databaseFolder = join(repository, "test", "libraries", "database", "sql");

export interface DatabaseProgram {
  /** Version of the toolchain. */
  readonly go: string;
  /** Package of the program, named as its driver. */
  readonly program: string;
  readonly cgo?: boolean;
  /** Another go.mod than the newest drivers'. */
  readonly modfile?: string;
  readonly dsn: string;
  /** Of a server that is not there. */
  readonly unreachable: string;
}

/** Starts the tests' program with one driver; its listener is "h1". */
export async function startDatabaseProgram(options: DatabaseProgram): Promise<Server> {
  const { go, program, cgo = false, modfile, dsn, unreachable } = options;
  const executable = await buildGo({
    go,
    source: join(databaseFolder, "app"),
    package: `./${program}`,
    flags: ["-ldflags=-s -w", ...(modfile === undefined ? [] : [`-modfile=${modfile}`])],
    env: { CGO_ENABLED: cgo ? "1" : "0" },
  });
  return await startExecutable(executable, ["-dsn", dsn, "-unreachable", unreachable]);
}
