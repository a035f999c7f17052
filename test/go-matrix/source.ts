/** The program's source, laid out for one Go version: its go.mod says this version, and its modules come as wanted. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheDirectory, goCommand, minorOf } from "../fixtures/go-binaries.ts";

export type Source = "plain" | "vendored" | "replaced by a folder" | "replaced by a fork";

const program = join(import.meta.dirname, "programs", "server");

/** Folder of the whole tree, and where in it the main module is. */
export interface LaidOut {
  readonly source: string;
  readonly directory: string;
}

/** Lays the source out for as long as `use` takes. */
export async function withSource<T>(
  source: Source,
  go: string,
  use: (laidOut: LaidOut) => Promise<T>,
): Promise<T> {
  await mkdir(cacheDirectory(), { recursive: true });
  const root = await mkdtemp(join(cacheDirectory(), "go-matrix-"));
  try {
    await cp(program, root, { recursive: true });
    return await use(await layOut(root, source, go));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function layOut(root: string, source: Source, go: string): Promise<LaidOut> {
  await sayVersion(join(root, "go.mod"), go);
  const main = join(root, "modules");
  if (source === "plain") {
    await rm(main, { recursive: true });
    return { source: root, directory: "." };
  }
  await sayVersion(join(main, "go.mod"), go);
  if (source === "vendored") await goCommand(go, ["mod", "vendor"], { cwd: main });
  if (source === "replaced by a fork") await replace(main, "github.com/golang/net v0.17.0");
  if (source === "replaced by a folder") {
    await copyModule(go, "golang.org/x/net@v0.17.0", ["http2", "http", "idna"], join(main, "net"));
    await replace(main, "./net");
  }
  return { source: root, directory: "modules" };
}

/** From the `go` line depends what the program does: from 1.22 on, for example, which patterns a ServeMux takes. */
async function sayVersion(path: string, go: string): Promise<void> {
  await edit(path, (text) => text.replace(/^go 1\.17$/m, `go 1.${minorOf(go)}`));
}

async function replace(main: string, by: string): Promise<void> {
  await edit(join(main, "go.mod"), (text) => `${text}\nreplace golang.org/x/net => ${by}\n`);
}

async function edit(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(path, change(await readFile(path, "utf8")));
}

/** A module of the module proxy as a folder of its own; only its packages below `folders`. */
async function copyModule(go: string, module: string, folders: readonly string[], to: string): Promise<void> {
  const { Dir } = JSON.parse(await goCommand(go, ["mod", "download", "-json", module], { cwd: program })) as {
    Dir: string;
  };
  await mkdir(to);
  for (const part of ["go.mod", ...folders]) {
    const filter = (path: string) => !/_test\.go$|\/(testdata|h2i|h2demo)$/.test(path);
    await cp(join(Dir, part), join(to, part), { recursive: true, filter });
  }
}
