import type { Library } from "../libraries/descriptor.ts";
import { printableJson } from "./printable.ts";
import { aligned } from "./table.ts";

/** All that `--supported-versions` says; none of it is written down for it. */
export interface Supported {
  readonly libraries: readonly Pick<Library, "name" | "path" | "module" | "since">[];
  /** Architectures that there are BPF programs for. */
  readonly architectures: readonly string[];
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
  return {
    schema,
    go: { since: oldestGo(libraries), newestInOffsets: newest.get("std") ?? null },
    architectures: architectures.map((architecture) => `linux/${architecture}`),
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
  return versions.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }))[0] ?? null;
}

type Document = ReturnType<typeof documentOf>;

const newerOnes =
  "Newer versions are traced too: a program itself says where its fields are. offsets.json is for what it leaves out.";

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
      ["Architectures", architectures.join(", ") || "none: no BPF programs are built"],
      ["Kernel", `${kernel.since} and later`],
    ]),
    "",
    ...aligned([["Library", "Module", "Versions", "In offsets.json up to"], ...rows]),
    "",
    newerOnes,
  ].join("\n");
}
