/** Real programs of other people, built by toolchains and linkers of theirs, are read without an error. */
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { basename, join } from "node:path";
import { type TestContext, test } from "node:test";
import { openGoBinary } from "../../src/binary/index.ts";
import type { GoBinary } from "../../src/binary/types.ts";
import { libraries } from "../../src/generated/registry.ts";
import { planLibraries } from "../../src/plan/plan.ts";
import type { LibraryPlan } from "../../src/plan/types.ts";
import { ExitCode } from "../../src/report/exit-code.ts";
import { UserError } from "../../src/report/user-error.ts";
import { askGo, executablesBelow } from "./binaries.ts";
import { fetchPackage } from "./fetch.ts";
import { packages, wanted } from "./packages.ts";

const installed = join(import.meta.dirname, "..", "..", "node_modules");

test("the compiler of this project, tsgo", async (t) => {
  const [compiler] = await executablesBelow(
    join(installed, "@typescript", `typescript-linux-${process.arch}`),
  );
  await inspect(t, compiler ?? "");
});

test("the bundler of this project, esbuild, whose build info was removed", async (t) => {
  const [bundler] = await executablesBelow(join(installed, "@esbuild", `linux-${process.arch}`));
  await inspect(t, bundler ?? "");
});

for (const each of packages) {
  const { from, name, version = "" } = each;
  test(`${from} ${name} ${version}`, { skip: !wanted && "OTEL_GO_AUTO_THIRD_PARTY is not 1" }, async (t) => {
    const files = await executablesBelow(await fetchPackage(each));
    assert.ok(files.length > 0, "the package has executables");
    for (const file of files) await inspect(t, file);
  });
}

async function inspect(t: TestContext, path: string): Promise<void> {
  const size = `${(statSync(path).size / 1e6).toFixed(1)} MB`.padStart(8);
  const say = (what: string) => t.diagnostic(`${size}  ${basename(path)}  ${what}`);
  const truth = await askGo(path);
  let binary: GoBinary;
  try {
    binary = openGoBinary(path);
  } catch (error) {
    assert.ok(error instanceof UserError, `${path}: ${error}`);
    assert.equal(error.exitCode, ExitCode.nothingToInstrument);
    const { why = "" } = error.explanation;
    // What the go command can read is refused for its age only.
    if (truth) assert.match(truth.version, /^go1\.(\d|1[0-6])\./, why);
    return say(why);
  }
  try {
    assert.equal(binary.buildInfo.goVersion.text, truth?.version);
    assert.equal(binary.buildInfo.modules.length, truth?.modules);
    const options = { disabled: [], loadBias: 0, offsets: () => [] };
    const results = planLibraries(binary, libraries, options).map((plan) => checkPlan(binary, plan));
    say(`${truth?.version}  ${results.join(", ")}`);
  } finally {
    binary.close();
  }
}

/** A function that is in every program that uses the library. */
const marks: Readonly<Record<string, string>> = { "net/http/server": "net/http.(*conn).serve" };

/** What must be attached is attached, with all that it needs. Gives the result in one line. */
function checkPlan({ functions }: GoBinary, plan: LibraryPlan): string {
  const { library, status } = plan;
  const reason = "reason" in plan ? plan.reason : "";
  const mark = marks[library.path];
  if (mark !== undefined) assert.equal(status, functions.find(mark).length > 0 ? "attach" : "absent", reason);
  if (status !== "attach") return `${library.name}: ${reason}`;
  return `${library.name}: ${plan.programs.length} probes, ${plan.fields.size} fields`;
}
