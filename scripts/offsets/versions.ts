import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { promisify } from "node:util";
import compare from "semver/functions/compare.js";
import parse from "semver/functions/parse.js";
import { oldestMinor } from "../../src/binary/go-facts/fact.ts";

const run = promisify(execFile);

/** What offsets.json calls a version, and what the proxy calls it. */
export interface Version {
  /** Semantic, without v: "1.21.0-rc.2". */
  readonly text: string;
  /** "v0.35.0"; of Go "go1.21rc2". */
  readonly tag: string;
}

/** URL of the module proxy that the go command uses. */
export async function proxyUrl(): Promise<string> {
  const setting = await go("env", "GOPROXY");
  const url = setting
    .trim()
    .split(/[,|]/)
    .find((each) => /^https?:/.test(each));
  if (url === undefined)
    throw new Error(`GOPROXY (${setting.trim()}) names no proxy: the sources come from one`);
  return url.replace(/\/$/, "");
}

/**
 * Released versions of Go, betas and release candidates too, ascending: those that golang.org/dl has a command for, and
 * those that the proxy lists toolchains of. Each list lacks some.
 */
export async function goVersions(): Promise<readonly Version[]> {
  const { Dir } = JSON.parse(await go("mod", "download", "-json", "golang.org/dl@latest")) as { Dir: string };
  const toolchains = (await moduleVersions("golang.org/toolchain")) ?? [];
  const tags = [
    ...readdirSync(Dir),
    ...toolchains.flatMap(({ tag }) => /^v0\.0\.1-(.*)\.linux-amd64$/.exec(tag)?.[1] ?? []),
  ];
  return ascending(tags.flatMap((tag) => goVersion(tag) ?? []));
}

/** Of "go1.20" (the first 1.20), "go1.21rc2" or "go1.22.3"; undefined when it is too old, or none. */
export function goVersion(tag: string): Version | undefined {
  const [, minor, patch = "0", kind, number] = /^go1\.(\d+)(?:\.(\d+))?(?:(beta|rc)(\d+))?$/.exec(tag) ?? [];
  if (minor === undefined || Number(minor) < oldestMinor) return undefined;
  return { text: `1.${minor}.${patch}${kind ? `-${kind}.${number}` : ""}`, tag };
}

/** Tagged versions of a module, ascending, retracted ones too; undefined when the proxy knows no such module. */
export async function moduleVersions(path: string): Promise<readonly Version[] | undefined> {
  try {
    const found = JSON.parse(await go("list", "-m", "-versions", "-retracted", "-json", path)) as {
      Versions?: string[];
    };
    return ascending(
      (found.Versions ?? []).flatMap((tag) => {
        const text = parse(tag)?.version;
        return text === undefined ? [] : { text, tag };
      }),
    );
  } catch (error) {
    if (/: 40[34] |: 410 /.test((error as { stderr?: string }).stderr ?? "")) return undefined;
    throw error;
  }
}

/** The module of a package: the longest beginning of its path that has tagged versions. */
export async function moduleOf(packagePath: string): Promise<string> {
  const parts = packagePath.split("/");
  for (let length = parts.length; length > 0; length--) {
    const path = parts.slice(0, length).join("/");
    if ((await moduleVersions(path))?.length) return path;
  }
  throw new Error(`the module proxy knows no module of ${packagePath}`);
}

function ascending(versions: readonly Version[]): readonly Version[] {
  return [...new Map(versions.map((each) => [each.text, each])).values()].sort((a, b) =>
    compare(a.text, b.text),
  );
}

/** Outside of any module, and never past the proxy to repositories. */
async function go(...args: readonly string[]): Promise<string> {
  const proxied = args[0] === "env" ? {} : { GOPROXY: await proxyUrl(), GOFLAGS: "" };
  const { stdout } = await run("go", [...args], { cwd: tmpdir(), env: { ...process.env, ...proxied } });
  return stdout;
}
