import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { buildGo, goCommand } from "../fixtures/go-binaries.ts";
import type { Mode } from "./modes.ts";
import { withSource } from "./source.ts";

const run = promisify(execFile);
/** Reads the build information of all older ones. */
const reader = "1.27.4";

/** The executable of a mode that this Go version can build, or an error when it isn't what the mode is about. */
export async function buildMode(go: string, mode: Mode): Promise<string> {
  const flags = ["-p=1", ...mode.flags];
  const path = await withSource(mode.source, go, (laidOut) =>
    buildGo({ go, ...laidOut, flags, env: mode.env }),
  );
  const { buildInfo = [], settings = [], elf = [], notElf = [] } = mode.proof;
  const info = await goCommand(reader, ["version", "-m", path]);
  const { stdout: headers } = await run("readelf", ["-W", "--file-header", "--segments", "--sections", path]);
  for (const wanted of [...buildInfo, ...settings])
    require(wanted.test(info), `go version -m lacks ${wanted}:\n${info}`);
  for (const wanted of elf) require(wanted.test(headers), `readelf lacks ${wanted}`);
  for (const unwanted of notElf) require(!unwanted.test(headers), `readelf has ${unwanted}`);
  return path;
}

function require(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not the build that was asked for: ${what}`);
}
