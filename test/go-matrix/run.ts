/**
 * Every minor release of Go × every way to build a program: each traced live, and some cross-built for arm64 and looked
 * at. Prints two tables; the exit code is 1 when something promised failed. Words of the command line choose versions
 * ("1.22") and modes ("PIE"), "live" and "arm64" one of the tables:
 *
 *     npm run test:go-matrix -- live 1.22 1.27 PIE "static PIE"
 */
import { startCollector } from "../e2e/support/collector.ts";
import { stopAll } from "../e2e/support/process.ts";
import { everyGoVersion, minorOf } from "../fixtures/go-binaries.ts";
import { arm64ModesOf, checkArm64 } from "./arm64.ts";
import { buildMode } from "./build.ts";
import { type Mode, modesOf } from "./modes.ts";
import { type Cell, type Row, renderTable } from "./table.ts";
import { traceProgram } from "./trace.ts";

/** From this minor release on the product promises to work; older ones are best effort. */
const firstPromised = 19;

const wanted = process.argv.slice(2);
const versions = chosen(everyGoVersion, (version) => `1.${minorOf(version)}`);
const names = chosen(
  modesOf(everyGoVersion[0]).map(({ name }) => name),
  (name) => name,
);
const tables = chosen(["live", "arm64"], (name) => name);
const known = new Set([...versions.map((version) => `1.${minorOf(version)}`), ...names, ...tables]);
const unknown = wanted.filter((word) => !known.has(word));
if (unknown.length > 0) throw new Error(`neither a version nor a mode: ${unknown.join(", ")}`);

/** What a cell is about: gives what was seen, or throws. */
type Check = (go: string, mode: Mode) => Promise<string>;

const cells: Cell[] = [];
if (tables.includes("live")) {
  const collector = await startCollector();
  try {
    const live: Check = async (go, mode) => {
      const transports = await traceProgram(await buildMode(go, mode), go, collector);
      return transports.join(", ");
    };
    await table("Traced live on this machine", modesOf, live);
  } finally {
    await collector.stop();
    await stopAll();
  }
}
if (tables.includes("arm64")) {
  const title = "Cross-built for arm64: planned as on amd64, fields where DWARF has them";
  await table(title, arm64ModesOf, checkArm64);
}

const count = (status: Cell["status"]) => cells.filter((cell) => cell.status === status).length;
console.log(`${count("ok")} ok, ${count("failed")} failed, ${count("not possible")} not possible`);
if (cells.some((cell) => cell.status === "failed" && cell.promised)) process.exitCode = 1;

async function table(title: string, modes: (go: string) => readonly Mode[], check: Check): Promise<void> {
  const rows = new Map<string, Row>();
  for (const go of versions) {
    for (const mode of modes(go).filter(({ name }) => names.includes(name))) {
      const row = rows.get(mode.name) ?? { mode: mode.name, cells: new Map<string, Cell>() };
      rows.set(mode.name, row);
      const cell = await fill(go, mode, check);
      row.cells.set(go, cell);
      cells.push(cell);
      console.log(`Go ${go}, ${mode.name}: ${cell.status}, ${cell.note}`);
    }
  }
  console.log(`\n${title}\n\n${renderTable(versions, [...rows.values()])}\n`);
}

async function fill(go: string, mode: Mode, check: Check): Promise<Cell> {
  if (mode.impossible !== undefined) return { status: "not possible", note: mode.impossible };
  try {
    return { status: "ok", note: await check(go, mode) };
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
