import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheDirectory } from "../go-layout/tool.ts";
import type { LayoutsByArchitecture } from "./layouts.ts";

/** What was computed for one version, in a file of its own; right without it. */
export class LayoutCache {
  readonly #directory: string;

  readonly #fresh: boolean;

  /**
   * @param basis what else the layouts depend on: another basis, another cache
   * @param fresh what was written earlier is not read
   */
  constructor(module: string, basis: string, fresh: boolean) {
    this.#fresh = fresh;
    const hash = createHash("sha256").update(basis).update(programText()).digest("hex").slice(0, 16);
    this.#directory = join(cacheDirectory(), "offsets", module.replaceAll("/", "!"), hash);
  }

  read(version: string): LayoutsByArchitecture {
    if (this.#fresh) return { amd64: {}, arm64: {} };
    try {
      return JSON.parse(readFileSync(this.#path(version), "utf8")) as LayoutsByArchitecture;
    } catch {
      return { amd64: {}, arm64: {} };
    }
  }

  write(version: string, layouts: LayoutsByArchitecture): void {
    const path = this.#path(version);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.${process.pid}`, JSON.stringify(layouts));
    renameSync(`${path}.${process.pid}`, path);
  }

  #path(version: string): string {
    return join(this.#directory, `${version}.json`);
  }
}

/** The program that computes layouts: what another one computed is not taken. */
function programText(): string {
  const directory = join(import.meta.dirname, "../go-layout");
  const files = readdirSync(directory).filter((each) => each.endsWith(".go"));
  return files
    .sort()
    .map((each) => readFileSync(join(directory, each), "utf8"))
    .join("\0");
}
