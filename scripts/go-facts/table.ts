import { absent } from "./check.ts";
import type { Result } from "./run.ts";

/**
 * Facts by releases. A fact that says nothing of a release, or that something isn't there, has a dot; one that
 * differs on any architecture says so.
 */
export function table(results: readonly Result[], versions: readonly string[]): string {
  const rows = new Map<string, string[]>();
  for (const { name, version, written, found } of results) {
    const row = rows.get(name) ?? versions.map(() => ".");
    const column = versions.indexOf(version);
    if (written !== found) row[column] = "DIFFERS";
    else if (written !== absent && row[column] === ".") row[column] = "ok";
    rows.set(name, row);
  }
  const width = Math.max(...[...rows.keys()].map((name) => name.length));
  const line = (name: string, cells: readonly string[]) =>
    [name.padEnd(width), ...cells.map((cell) => cell.padEnd(7))].join("  ").trimEnd();
  return [line("fact", versions), ...[...rows].map(([name, cells]) => line(name, cells))].join("\n");
}
