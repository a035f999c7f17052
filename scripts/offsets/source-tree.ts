import { join } from "node:path";
import { askTool } from "../go-layout/tool.ts";
import { isStandard } from "./fields.ts";

interface Fetched {
  readonly published: boolean;
  readonly files: number;
  readonly bytes: number;
}

/** Bytes that came from the proxy since the start. */
export let bytesFetched = 0;

/** The sources of one version of a module, or of Go ("std"), of which packages are fetched when they are needed. */
export class SourceTree {
  /** Path and version, for people. */
  readonly name: string;
  /** What is fetched lies here: a module's directory, or a GOROOT. */
  readonly directory: string;
  readonly #zip: string;
  readonly #prefix: string;
  readonly #module: string;
  readonly #fetched = new Set<string>();
  #last: Promise<boolean> = Promise.resolve(true);

  constructor(proxy: string, directory: string, module: string, tag: string) {
    const [path, version] =
      module === "std" ? ["golang.org/toolchain", `v0.0.1-${tag}.linux-amd64`] : [module, tag];
    this.#zip = `${proxy}/${escapePath(path)}/@v/${escapePath(version)}.zip`;
    this.#prefix = `${path}@${version}/`;
    this.#module = module;
    this.name = `${path}@${version}`;
    this.directory = join(directory, this.#prefix);
  }

  /** Whether a package of this path would be here. */
  owns(packagePath: string): boolean {
    if (this.#module === "std") return isStandard(packagePath);
    return packagePath === this.#module || packagePath.startsWith(`${this.#module}/`);
  }

  /** Those of the packages that are this tree's and were not fetched. */
  lacking(packages: Iterable<string>): readonly string[] {
    return [...packages].filter((each) => this.owns(each) && !this.#fetched.has(each));
  }

  /** Number of packages that were fetched, or looked for. */
  get fetched(): number {
    return this.#fetched.size;
  }

  /** Fetches these packages unless they are there or don't exist. False when this version is not published. */
  add(packages: Iterable<string>): Promise<boolean> {
    const all = [...packages];
    this.#last = this.#last.then(async (published) => {
      const lacking = published ? this.lacking(all) : [];
      if (lacking.length === 0) return published;
      return this.#fetch(lacking);
    });
    return this.#last;
  }

  async #fetch(packages: readonly string[]): Promise<boolean> {
    const { published, bytes } = await askTool<object, Fetched>(join(import.meta.dirname, "fetch-sources"), {
      url: this.#zip,
      prefix: this.#prefix,
      directories: packages.map((each) => this.#folder(each)),
      to: this.directory,
    });
    bytesFetched += bytes;
    for (const each of packages) this.#fetched.add(each);
    return published;
  }

  #folder(packagePath: string): string {
    if (this.#module === "std") return `src/${packagePath}`;
    return packagePath.slice(this.#module.length + 1) || ".";
  }
}

/** A proxy's paths tell upper case by "!": https://go.dev/ref/mod#goproxy-protocol */
function escapePath(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);
}
