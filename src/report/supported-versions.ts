import type { Library } from "../libraries/descriptor.ts";

const architectures = ["linux/amd64", "linux/arm64"];
/** The ring buffer came with 5.8. */
const kernels = "5.8 and later";

export type SupportedLibrary = Pick<Library, "name" | "module" | "since">;

/** What `--supported-versions` prints: a table for people, or JSON. */
export function supportedVersions(libraries: readonly SupportedLibrary[], json: boolean): string {
  return json ? asJson(libraries) : asTable(libraries);
}

/** Libraries of Go itself know the oldest Go that they can be found in. */
function oldestGo(libraries: readonly SupportedLibrary[]): string {
  const versions = libraries.filter(({ module }) => module === "std").map(({ since }) => since);
  return versions.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }))[0] ?? "unknown";
}

function asJson(libraries: readonly SupportedLibrary[]): string {
  const rows = libraries.map(({ name, module, since }) => ({ name, module, since }));
  return JSON.stringify(
    { go: { since: oldestGo(libraries) }, architectures, kernels, libraries: rows },
    undefined,
    2,
  );
}

function asTable(libraries: readonly SupportedLibrary[]): string {
  const rows = libraries.map(({ name, module, since }) =>
    module === "std"
      ? [name, "standard library", `Go ${since} and later`]
      : [name, module, `${since} and later`],
  );
  return [
    `Go             ${oldestGo(libraries)} and later`,
    `Architectures  ${architectures.join(", ")}`,
    `Kernels        ${kernels}`,
    "",
    ...aligned([["Library", "Module", "Versions"], ...rows]),
  ].join("\n");
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
