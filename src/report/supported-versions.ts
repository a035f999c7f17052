import type { Library } from "../libraries/descriptor.ts";

/** What the agent needs besides a library that it knows. */
const platform = {
  go: "1.19 and later (1.17 and 1.18: best effort)",
  architectures: ["linux/amd64", "linux/arm64"],
  kernels: "5.8 and later",
};

export type SupportedLibrary = Pick<Library, "name" | "module" | "versions">;

/** What `--supported-versions` prints. */
export function supportedVersions(libraries: readonly SupportedLibrary[], json: boolean): string {
  return json ? asJson(libraries) : asTable(libraries);
}

function asJson(libraries: readonly SupportedLibrary[]): string {
  const rows = libraries.map(({ name, module, versions }) => ({ name, module, versions }));
  return JSON.stringify({ ...platform, libraries: rows }, undefined, 2);
}

function asTable(libraries: readonly SupportedLibrary[]): string {
  const rows = [
    ["library", "module", "versions"],
    ...libraries.map(({ name, module, versions }) =>
      module === "std" ? [name, "standard library", `Go ${versions}`] : [name, module, versions],
    ),
  ];
  return [
    `Go             ${platform.go}`,
    `Architectures  ${platform.architectures.join(", ")}`,
    `Kernels        ${platform.kernels}`,
    "",
    ...aligned(rows),
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
