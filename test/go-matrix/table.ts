/** What became of one version and mode. */
export type Cell =
  | { readonly status: "ok" | "not possible"; readonly note: string }
  | { readonly status: "failed"; readonly note: string; readonly promised: boolean };

export interface Row {
  readonly mode: string;
  /** By column. */
  readonly cells: Map<string, Cell>;
}

/** The table in Markdown, and below it the notes of the cells that aren't ok. */
export function renderTable(columns: readonly string[], rows: readonly Row[]): string {
  const notes: string[] = [];
  const lines = rows.map(({ mode, cells }) => [
    mode,
    ...columns.map((column) => text(cells.get(column), notes)),
  ]);
  const table = [["", ...columns], ...lines];
  const widths =
    table[0]?.map((_, index) => Math.max(3, ...table.map((line) => line[index]?.length ?? 0))) ?? [];
  const render = (line: readonly string[]) =>
    `| ${line.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  const [head = [], ...body] = table.map(render);
  return [head, rule, ...body, "", ...notes.map((note, index) => `${index + 1}. ${note}`)].join("\n");
}

function text(cell: Cell | undefined, notes: string[]): string {
  if (cell === undefined) return "";
  if (cell.status === "ok") return "ok";
  if (!notes.includes(cell.note)) notes.push(cell.note);
  const mark = `(${notes.indexOf(cell.note) + 1})`;
  if (cell.status === "not possible") return `– ${mark}`;
  return `${cell.status === "failed" && cell.promised ? "FAILED" : "failed"} ${mark}`;
}
