import { execFile } from "node:child_process";
import { chown, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePorts, start } from "./process.ts";

export interface Postgres {
  readonly port: number;
  /** For user "app". */
  readonly dsn: string;
  stop(): Promise<unknown>;
}

const versionsDirectory = "/usr/lib/postgresql";
const run = promisify(execFile);

/** A PostgreSQL of its own with a database "shop", for user "app" with any password. Needs root: it must not be root itself. */
export async function startPostgres(): Promise<Postgres> {
  const bin = await newestPrograms();
  const directory = await mkdtemp(join(tmpdir(), "otel-go-auto-postgres-"));
  const [uid, gid] = (await Promise.all(["-u", "-g"].map((flag) => run("id", [flag, "postgres"])))).map(
    ({ stdout }) => Number(stdout),
  );
  await chown(directory, uid ?? 0, gid ?? 0);
  const as = (program: string, ...args: string[]) =>
    ["runuser", ["-u", "postgres", "--", join(bin, program), ...args]] as const;
  const data = join(directory, "data");
  await run(...as("initdb", "-A", "trust", "--no-sync", "-U", "app", "-D", data), { cwd: directory });
  const [port = 0] = await freePorts(1);
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: directory,
    fsync: "off",
    full_page_writes: "off",
    synchronous_commit: "off",
    shared_buffers: "16MB",
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  // Not runuser, which stays as its parent: what is killed must be the server itself.
  const server = start(
    "setpriv",
    [
      ...["--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig=KILL", "--"],
      ...[join(bin, "postgres"), "-D", data, "-p", String(port), ...flags],
    ],
    { cwd: directory },
  );
  await server.waitFor(/ready to accept connections/);
  await run(...as("createdb", "-h", "127.0.0.1", "-p", String(port), "-U", "app", "shop"), {
    cwd: directory,
  });
  return {
    port,
    dsn: `postgres://app:secret@127.0.0.1:${port}/shop?sslmode=disable`,
    async stop() {
      await run(...as("pg_ctl", "-D", data, "-m", "immediate", "stop"), { cwd: directory });
      await server.exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Debian keeps them apart by version. */
async function newestPrograms(): Promise<string> {
  const versions = await readdir(versionsDirectory).catch(() => []);
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  if (newest === undefined)
    throw new Error(`no PostgreSQL in ${versionsDirectory}: npm run setup installs one`);
  return join(versionsDirectory, newest, "bin");
}
