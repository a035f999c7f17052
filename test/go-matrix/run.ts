/**
 * Every minor release of Go × every way to build a program, each traced live. Prints a table; the exit code is 1 when
 * a promised cell failed. Words of the command line choose versions ("1.22") and modes ("PIE"):
 *
 *     npm run test:go-matrix -- 1.22 1.27 PIE "static PIE"
 */
import { type Collector, startCollector } from "../e2e/support/collector.ts";
import { stopAll } from "../e2e/support/process.ts";
import { everyGoVersion, minorOf } from "../fixtures/go-binaries.ts";
import { buildMode } from "./build.ts";
import { type Mode, modeNames, modesOf } from "./modes.ts";
import { type Cell, type Row, renderTable } from "./table.ts";
import { traceProgram } from "./trace.ts";

/** From this minor release on the product promises to work; older ones are best effort. */
const firstPromised = 19;

const wanted = process.argv.slice(2);
const versions = chosen(everyGoVersion, (version) => `1.${minorOf(version)}`);
const names = chosen(modeNames, (name) => name);
const cells = new Map<string, Map<string, Cell>>(names.map((name) => [name, new Map()]));

const collector = await startCollector();
try {
  for (const go of versions) {
    for (const mode of modesOf(go).filter(({ name }) => names.includes(name))) {
      const cell = await fill(go, mode, collector);
      cells.get(mode.name)?.set(go, cell);
      console.log(`Go ${go}, ${mode.name}: ${cell.status}, ${cell.note}`);
    }
  }
} finally {
  await collector.stop();
  await stopAll();
}

const rows: Row[] = names.map((mode) => ({ mode, cells: cells.get(mode) ?? new Map() }));
console.log(`\n${renderTable(versions, rows)}\n`);
const all = rows.flatMap((row) => [...row.cells.values()]);
const broken = all.some((cell) => cell.status === "failed" && cell.promised);
const count = (status: Cell["status"]) => all.filter((cell) => cell.status === status).length;
console.log(`${count("ok")} ok, ${count("failed")} failed, ${count("not possible")} not possible`);
if (broken) process.exitCode = 1;

async function fill(go: string, mode: Mode, collector: Collector): Promise<Cell> {
  if (mode.impossible !== undefined) return { status: "not possible", note: mode.impossible };
  try {
    const transports = await traceProgram(await buildMode(go, mode), go, collector);
    return { status: "ok", note: transports.join(", ") };
  } catch (error) {
    console.log(error);
    return { status: "failed", note: inShort(error), promised: minorOf(go) >= firstPromised };
  }
}

/** The agent's own reason where it is one that refused, or the first line. */
function inShort(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.match(/^ *why: (.*)$/m)?.[1] ?? text.split("\n")[0] ?? "";
}

/** Those that a word of the command line names; all when none does. */
function chosen(all: readonly string[], nameOf: (one: string) => string): readonly string[] {
  const named = all.filter((one) => wanted.includes(nameOf(one)));
  return named.length > 0 ? named : all;
}
