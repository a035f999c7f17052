import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheDirectory } from "../../fixtures/go-binaries.ts";
import { freePorts, start } from "./process.ts";

export interface Mariadb {
  readonly port: number;
  /** For user "app". */
  readonly dsn: string;
  stop(): Promise<unknown>;
}

const run = promisify(execFile);

/** A MariaDB of its own with a database "shop", for user "app" with password "secret". Needs root. */
export async function startMariadb(): Promise<Mariadb> {
  const directory = await mkdtemp(join(tmpdir(), "otel-go-auto-mariadb-"));
  const data = join(directory, "data");
  await cp(await prepared(), data, { recursive: true });
  const [port = 0] = await freePorts(1);
  const init = join(directory, "init.sql");
  await writeFile(
    init,
    [
      "CREATE DATABASE IF NOT EXISTS shop;",
      "CREATE USER app@'127.0.0.1' IDENTIFIED BY 'secret';",
      "GRANT ALL ON shop.* TO app@'127.0.0.1';\n",
    ].join("\n"),
  );
  const server = start("mariadbd", [
    ...["--no-defaults", "--user=root", `--datadir=${data}`, "--bind-address=127.0.0.1", `--port=${port}`],
    ...[`--socket=${join(directory, "socket")}`, `--init-file=${init}`, "--skip-name-resolve"],
    ...["--innodb-buffer-pool-size=16M", "--performance-schema=off", "--skip-log-bin"],
  ]);
  await server.waitFor(/ready for connections/, 30_000);
  return {
    port,
    dsn: `app:secret@tcp(127.0.0.1:${port})/shop`,
    async stop() {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A data directory of this version: it takes five seconds to make. */
async function prepared(): Promise<string> {
  const version = (await run("mariadbd", ["--version"])).stdout.match(/[\d.]+-MariaDB/)?.[0] ?? "unknown";
  const directory = join(cacheDirectory(), "fixtures", `mariadb-${version}`);
  if (existsSync(directory)) return directory;
  const unfinished = `${directory}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  await run("mariadb-install-db", [
    ...["--no-defaults", "--user=root", `--datadir=${unfinished}`],
    ...["--auth-root-authentication-method=normal", "--skip-test-db"],
  ]);
  try {
    await rename(unfinished, directory);
  } catch {
    // Another test was faster.
    await rm(unfinished, { recursive: true, force: true });
  }
  return directory;
}
