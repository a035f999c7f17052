import type { Library } from "../libraries/descriptor.ts";
import { printableJson } from "./printable.ts";
import { aligned } from "./table.ts";

/** All that `--supported-versions` says; none of it is written down for it. */
export interface Supported {
  readonly libraries: readonly Pick<Library, "name" | "path" | "module" | "since">[];
  /** Architectures that there are BPF programs for, and the oldest Go whose functions can be read there. */
  readonly architectures: readonly { readonly name: string; readonly goSince: string | undefined }[];
  /** Oldest kernel. */
  readonly kernel: string;
  /** Newest version of each module that offsets.json knows; "std" is Go's own. Empty without that file. */
  readonly newest: ReadonlyMap<string, string>;
}

/** Of the JSON: changes when a member changes its meaning or goes. */
const schema = 1;

/** A table for people, or JSON. */
export function supportedVersions(supported: Supported, json: boolean): string {
  const document = documentOf(supported);
  return json ? printableJson(document) : asTable(document);
}

function documentOf({ libraries, architectures, kernel, newest }: Supported) {
  const since = oldestGo(libraries);
  return {
    schema,
    go: { since, newestInOffsets: newest.get("std") ?? null },
    architectures: architectures.map(({ name, goSince }) => ({
      name: `linux/${name}`,
      goSince:
        [since, goSince]
          .flatMap((version) => version ?? [])
          .sort(byVersion)
          .at(-1) ?? null,
    })),
    kernel: { since: kernel },
    libraries: libraries.map(({ name, path, module, since }) => ({
      name,
      path,
      module,
      since,
      newestInOffsets: newest.get(module) ?? null,
    })),
  };
}

/** Libraries of Go itself know the oldest Go that they can be found in. */
function oldestGo(libraries: Supported["libraries"]): string | null {
  const versions = libraries.filter(({ module }) => module === "std").map(({ since }) => since);
  return versions.toSorted(byVersion)[0] ?? null;
}

function byVersion(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

type Document = ReturnType<typeof documentOf>;

const newerOnes =
  "Newer versions are traced too: a program itself says where its fields are. offsets.json is for what it leaves out.";

function architecturesText(architectures: Document["architectures"], since: string | null): string {
  return architectures
    .map(({ name, goSince }) => (goSince === since ? name : `${name} (Go ${goSince} and later)`))
    .join(", ");
}

function asTable({ go, architectures, kernel, libraries }: Document): string {
  const rows = libraries.map(({ name, module, since, newestInOffsets }) => [
    name,
    module === "std" ? "standard library" : module,
    `${module === "std" ? "Go " : ""}${since} and later`,
    newestInOffsets ?? "-",
  ]);
  return [
    ...aligned([
      ["Go", go.since === null ? "none" : `${go.since} and later`],
      ["Architectures", architecturesText(architectures, go.since) || "none: no BPF programs are built"],
      ["Kernel", `${kernel.since} and later`],
    ]),
    "",
    ...aligned([["Library", "Module", "Versions", "In offsets.json up to"], ...rows]),
    "",
    newerOnes,
  ].join("\n");
}
