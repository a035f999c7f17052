import { existsSync } from "node:fs";
import { copyFile, cp, mkdir, open, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildGo, cacheDirectory, goCommand } from "../fixtures/go-binaries.ts";

const source = join(import.meta.dirname, "programs", "large");

export interface LargeProgram {
  /** Version of the toolchain. */
  readonly go: string;
  /** How many of AWS's 382 services: each adds 0.8 MB. */
  readonly services: number;
  /** Google's 648 services too, with Go 1.26 or later. */
  readonly google?: boolean;
  readonly flags?: readonly string[];
}

/** Builds it, once. All of AWS's services take six minutes of a core, Google's eight; memory for the link is 6 GB. */
export async function buildLarge({
  go,
  services,
  google = false,
  flags = [],
}: LargeProgram): Promise<string> {
  const folder = join(cacheDirectory(), "large", `source-${services}${google ? "-google" : ""}`);
  await mkdir(folder, { recursive: true });
  await cp(join(source, google ? "aws-and-google" : "aws"), folder, { recursive: true });
  await copyFile(join(source, "main.go"), join(folder, "main.go"));
  const aws = (await packagesOf(go, folder, "github.com/aws/aws-sdk-go/service/..."))
    .map(({ path }) => path)
    .filter((path) => path.split("/").length === 5);
  const others = google ? await packagesOf(go, folder, "google.golang.org/api/...") : [];
  const withClient = await Promise.all(others.map(async (it) => ((await hasClient(it)) ? [it.path] : [])));
  await writeFile(join(folder, "services.go"), servicesFile(aws.slice(0, services), withClient.flat()));
  return buildGo({ go, source: folder, flags: ["-p=1", ...flags] });
}

interface GoPackage {
  readonly path: string;
  readonly folder: string;
}

async function packagesOf(go: string, cwd: string, pattern: string): Promise<readonly GoPackage[]> {
  // -e: some packages want modules that are not there, which none of the services need.
  const list = await goCommand(go, ["list", "-e", "-f", "{{.ImportPath}} {{.Dir}}", pattern], { cwd });
  return list
    .trim()
    .split("\n")
    .map((line) => line.split(" "))
    .map(([path = "", folder = ""]) => ({ path, folder }));
}

async function hasClient({ folder }: GoPackage): Promise<boolean> {
  const file = existsSync(folder)
    ? (await readdir(folder)).find((name) => name.endsWith("-gen.go"))
    : undefined;
  if (!file) return false;
  return (await readFile(join(folder, file), "utf8")).includes("\nfunc New(client *http.Client)");
}

function servicesFile(aws: readonly string[], google: readonly string[]): string {
  const imports = [...aws, ...google].map((path, i) => `\ts${i} "${path}"`);
  const clients = [
    ...aws.map((path, i) => `\t"${path}": func() any { return s${i}.New(aws) },`),
    ...google.map(
      (path, i) =>
        `\t"${path}": func() any { c, _ := s${aws.length + i}.New(http.DefaultClient); return c },`,
    ),
  ];
  return [
    'package main\n\nimport (\n\t"net/http"\n',
    '\t"github.com/aws/aws-sdk-go/aws/session"',
    ...imports,
    ")\n\nvar aws = session.Must(session.NewSession())\n\nvar _ = http.DefaultClient\n",
    "var services = map[string]func() any{",
    ...clients,
    "}\n",
  ].join("\n");
}

/**
 * A copy that says to be of a Go that no table knows: 1.97 in place of 1.27, whose layouts are the newest known ones,
 * and a last patch in place of the real one for older releases.
 */
export async function withUnknownVersion(path: string): Promise<string> {
  const bytes = await readFile(path);
  const start = bytes.indexOf("\xff Go buildinf:", 0, "latin1");
  const version = bytes.indexOf("go1.2", start);
  if (start < 0 || version < 0 || version - start > 64)
    throw new Error(`${path} has no build info of Go 1.2x`);
  const newest = bytes.toString("latin1", version, version + "go1.27.".length) === "go1.27.";
  const copy = `${path}-unknown`;
  if (existsSync(copy)) return copy;
  const unfinished = `${copy}.${process.pid}`;
  await copyFile(path, unfinished);
  const file = await open(unfinished, "r+");
  await file.write("9", version + (newest ? "go1." : "go1.26.").length);
  await file.close();
  await rename(unfinished, copy);
  return copy;
}
