import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheDirectory } from "../fixtures/go-binaries.ts";
import type { ThirdParty } from "./packages.ts";

const run = promisify(execFile);

/** Folder with the files of a package; nothing of it is installed or run. Downloads it once. */
export async function fetchPackage(wanted: ThirdParty): Promise<string> {
  const parent = join(cacheDirectory(), "third-party", wanted.from);
  const folder = join(parent, `${wanted.name}@${wanted.version ?? "current"}`.replaceAll("/", "+"));
  if (existsSync(folder)) return folder;
  await mkdir(parent, { recursive: true });
  const scratch = await mkdtemp(join(parent, "unfinished-"));
  try {
    const files = join(scratch, "files");
    await mkdir(files);
    await unpack[wanted.from](await download(wanted, scratch), files);
    await rename(files, folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return folder;
}

/** Path of the package's archive, which the registry's own client brought. */
async function download({ from, name, version }: ThirdParty, folder: string): Promise<string> {
  const commands: Readonly<Record<ThirdParty["from"], readonly string[]>> = {
    debian: ["apt-get", "download", "--quiet", name],
    npm: ["npm", "pack", "--silent", `${name}@${version}`],
    pypi: ["pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", `${name}==${version}`],
  };
  const [command = "", ...args] = commands[from];
  await run(command, args, { cwd: folder, timeout: 600_000 });
  const archive = (await readdir(folder)).find((file) => /\.(deb|tgz|whl)$/.test(file));
  if (!archive) throw new Error(`${commands[from].join(" ")} left no archive`);
  return join(folder, archive);
}

const unpack: Readonly<Record<ThirdParty["from"], (archive: string, folder: string) => Promise<unknown>>> = {
  debian: (archive, folder) => run("dpkg-deb", ["-x", archive, folder]),
  npm: (archive, folder) => run("tar", ["-xzf", archive, "-C", folder]),
  pypi: (archive, folder) => run("python3", ["-m", "zipfile", "-e", archive, folder]),
};
