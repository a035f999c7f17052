import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { offsetsSource } from "../../src/config/offsets-values.ts";
import { update } from "../../src/offsets/update.ts";
import { offsetsText, ownFolder } from "./support.ts";

const repository = join(import.meta.dirname, "../..");
const never = new AbortController().signal;

/** Runs the script on a file of the test's own. */
function publishTo(folder: string, text: string) {
  writeFileSync(join(folder, "own.json"), text);
  const words = [
    "--import",
    "tsx",
    "scripts/publish-offsets.ts",
    join(folder, "out"),
    join(folder, "own.json"),
  ];
  return spawnSync(process.execPath, words, { cwd: repository, encoding: "utf8" });
}

test("publish-offsets writes what sha256sum accepts and update-offsets takes", async (t) => {
  const folder = ownFolder(t);
  const text = offsetsText({ std: ["9.1.0"] });
  const { status, stdout, stderr } = publishTo(folder, text);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /out: offsets\.json with 1 fields, \d+ bytes/);
  assert.deepEqual(readdirSync(join(folder, "out")).sort(), ["offsets.json", "offsets.json.sha256"]);
  const check = spawnSync("sha256sum", ["--check", "--strict", "offsets.json.sha256"], {
    cwd: join(folder, "out"),
  });
  assert.equal(check.status, 0, String(check.stderr));
  const file = join(folder, "state.json");
  assert.equal((await update(offsetsSource(join(folder, "out")), file, never)).changed, true);
  assert.equal(readFileSync(file, "utf8"), text);
});

test("what no agent would take isn't published", (t) => {
  const folder = ownFolder(t);
  const { status, stderr } = publishTo(folder, '{"schema":1,"modules":{"std":{"versions":[]}}}');
  assert.equal(status, 1);
  assert.match(stderr, /BadOffsets: modules\.std\.versions/);
  assert.equal(existsSync(join(folder, "out")), false);
});

interface Stage {
  readonly name: string;
  readonly base: string;
  readonly instructions: readonly string[];
}

/** The stages of the mirror's Dockerfile, which has no continued lines. */
function stages(): Stage[] {
  const text = readFileSync(join(repository, "deploy/offsets-mirror/Dockerfile"), "utf8");
  return text.split(/^FROM /m).flatMap((part) => {
    const [first = "", ...rest] = part.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    const [base, as, name] = first.split(" ");
    return as === "AS" && base && name ? [{ name, base, instructions: rest }] : [];
  });
}

/** Does what the stage's COPY lines say, below the root. */
function copyInto(root: string, context: string, { instructions }: Stage): void {
  for (const line of instructions.filter((each) => each.startsWith("COPY "))) {
    const words = line.split(" ").slice(1);
    const to = words.at(-1) ?? "";
    mkdirSync(join(root, to), { recursive: true });
    for (const source of words.slice(0, -1)) cpSync(join(context, source), join(root, to, source));
  }
}

test("the mirror's images hold what update-offsets reads; the init container fills a volume with it", async (t) => {
  const folder = ownFolder(t);
  publishTo(folder, offsetsText({ std: ["9.1.0"] }));
  const images = stages();
  assert.deepEqual(
    images.map(({ name, base }) => [name, base]),
    [
      ["init-container", "busybox:1.37"],
      ["files", "scratch"],
    ],
  );
  for (const stage of images) copyInto(join(folder, stage.name), join(folder, "out"), stage);
  const mounted = await update(offsetsSource(join(folder, "files/offsets")), join(folder, "a.json"), never);
  assert.equal(mounted.changed, true);

  mkdirSync(join(folder, "mirror"));
  const command = images[0]?.instructions.find((line) => line.startsWith("CMD "));
  const words: string[] = JSON.parse(command?.slice("CMD ".length) ?? "[]");
  const here = words.map((word) =>
    word
      .replace(/^\/offsets/, join(folder, "init-container/offsets"))
      .replace(/^\/mirror/, join(folder, "mirror")),
  );
  assert.equal(spawnSync(here[0] ?? "", here.slice(1)).status, 0);
  const copied = await update(offsetsSource(join(folder, "mirror")), join(folder, "b.json"), never);
  assert.equal(copied.changed, true);
});
