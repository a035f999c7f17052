/** Programs cross-built for arm64: what the agent would do there, against amd64's plan and against DWARF. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { openGoBinary } from "../../src/binary/index.ts";
import { libraries } from "../../src/generated/registry.ts";
import { planLibraries } from "../../src/plan/plan.ts";
import type { Attachment } from "../../src/plan/types.ts";
import { buildGo, minorOf } from "../fixtures/go-binaries.ts";
import { buildMode } from "./build.ts";
import { type Mode, modesOf } from "./modes.ts";

const run = promisify(execFile);

const names: readonly string[] = ["plain", "-s -w", "PIE", "PIE, -s -w, -trimpath", "vendored"];

/** The modes that are looked at for arm64. */
export function arm64ModesOf(go: string): readonly Mode[] {
  const modes = modesOf(go).filter(({ name }) => names.includes(name));
  if (minorOf(go) >= 18) return modes;
  return modes.map((mode) => ({ ...mode, impossible: "Go 1.17 for arm64 passes arguments on the stack" }));
}

/**
 * Builds the mode for arm64 and looks at its plan: the same libraries are attached as on amd64, by as many probes and
 * with the same fields, and each field is where DWARF has it. Gives what was compared, in words.
 */
export async function checkArm64(go: string, mode: Mode): Promise<string> {
  const plain = modesOf(go).find(({ name, source }) => name === "plain" && source === mode.source) ?? mode;
  const [arm64, twin, amd64] = [
    await attachments(await buildMode(go, onArm64(mode))),
    await layouts(await buildMode(go, onArm64(plain))),
    await attachments(await buildMode(go, mode)),
  ];
  assert.deepEqual(arm64.map(inShort), amd64.map(inShort), "another plan than on amd64");
  assert.ok(arm64.length > 0, "a library is attached");
  let fields = 0;
  for (const { name, offset } of arm64.flatMap((plan) => [...plan.fields.values()])) {
    assert.equal(offset, twin.get(name), `offset of ${name}`);
    fields++;
  }
  return `${arm64.flatMap(({ programs }) => programs).length} programs, ${fields} fields`;
}

function onArm64(mode: Mode): Mode {
  return { ...mode, env: { ...mode.env, GOARCH: "arm64" } };
}

async function attachments(path: string): Promise<Attachment[]> {
  const binary = openGoBinary(path);
  try {
    // Without tables: all of it out of the binary.
    const plans = planLibraries(binary, libraries, { disabled: [], loadBias: 0, offsets: () => [] });
    return plans.filter((plan) => plan.status === "attach");
  } finally {
    binary.close();
  }
}

/** What must be the same on both architectures. */
function inShort({ library, programs, fields, without, globals }: Attachment) {
  return {
    library: library.path,
    programs: programs.map(({ program, sites }) =>
      // On arm64 a function's own returns are probed, on amd64 those of its callers.
      library.probes.some((probe) => probe.program === program && probe.site.at === "return")
        ? program
        : `${program} × ${sites.length}`,
    ),
    fields: [...fields].map(([constant, { name, source }]) => `${constant}: ${name}, ${source}`),
    globals: [...globals.keys()],
    without,
  };
}

/** Offsets of the fields of all structs, by "package.Struct.field", as Go's own reader of DWARF gives them. */
async function layouts(path: string): Promise<Map<string, number>> {
  const source = join(import.meta.dirname, "..", "binary", "dwarf-oracle");
  const { stdout } = await run(await buildGo({ go: "1.26.8", source }), [path], { maxBuffer: 1 << 28 });
  const offsets = new Map<string, number>();
  for (const line of stdout.split("\n").filter(Boolean)) {
    const struct = JSON.parse(line) as { name: string; fields: { name: string; offset: number }[] };
    for (const { name, offset } of struct.fields) offsets.set(`${struct.name}.${name}`, offset);
  }
  return offsets;
}
