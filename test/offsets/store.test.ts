import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { loadOffsets, packagedOffsets } from "../../src/offsets/store.ts";
import { logOf, offsetsText, ownFolder } from "./support.ts";

/** The updated file's table stands before the packaged one's, which may not be built yet. */
const packagedCount = packagedOffsets === undefined ? 0 : 1;
const newestOf = (file: string) =>
  loadOffsets(file)
    .slice(0, loadOffsets(file).length - packagedCount)
    .map((table) => table.newest().get("std"));

function fileOf(t: TestContext, text?: string): string {
  const file = join(ownFolder(t), "offsets.json");
  if (text !== undefined) writeFileSync(file, text);
  return file;
}

test("no updated file: the packaged one alone, and nothing is said", (t) => {
  const log = logOf(t);
  assert.equal(loadOffsets(fileOf(t)).length, packagedCount);
  assert.equal(log(), "");
});

test("the updated file is read when it comes, when it changes, and forgotten when it goes", (t) => {
  const file = fileOf(t);
  assert.deepEqual(newestOf(file), []);
  writeFileSync(file, offsetsText({ std: ["1.26.0"] }));
  assert.deepEqual(newestOf(file), ["1.26.0"]);
  writeFileSync(`${file}.new`, offsetsText({ std: ["1.27.0"] }));
  renameSync(`${file}.new`, file);
  assert.deepEqual(newestOf(file), ["1.27.0"]);
  rmSync(file);
  assert.deepEqual(newestOf(file), []);
});

test("a change that keeps size and time is seen, and what didn't change isn't read again", (t) => {
  const file = fileOf(t, offsetsText({ std: ["1.26.0"] }));
  const [before] = loadOffsets(file);
  assert.equal(loadOffsets(file)[0], before);
  const { atime, mtime } = statSync(file);
  writeFileSync(file, offsetsText({ std: ["1.26.1"] }));
  utimesSync(file, atime, mtime);
  assert.deepEqual(newestOf(file), ["1.26.1"]);
});

test("a mounted volume's link that is swapped", (t) => {
  const folder = ownFolder(t);
  for (const version of ["1.26.0", "1.27.0"]) {
    mkdirSync(join(folder, version));
    writeFileSync(join(folder, version, "offsets.json"), offsetsText({ std: [version] }));
    symlinkSync(version, join(folder, "..new"));
    renameSync(join(folder, "..new"), join(folder, "..data"));
    const file = join(folder, "offsets.json");
    if (!existsSync(file)) symlinkSync("..data/offsets.json", file);
    assert.deepEqual(newestOf(file), [version]);
  }
});

const bad: readonly (readonly [string, (file: string) => void, RegExp])[] = [
  ["not JSON", (file) => writeFileSync(file, "<html>"), /not JSON/],
  ["of another schema", (file) => writeFileSync(file, '{"schema":2,"modules":{}}'), /schema: /],
  ["too large", (file) => writeFileSync(file, Buffer.alloc((1 << 20) + 1, " ")), /larger than 1048576 bytes/],
  ["a folder", (file) => mkdirSync(file), /no regular file|EISDIR/],
  ["a loop of links", (file) => symlinkSync("offsets.json", file), /ELOOP/],
  [
    "for everybody to write",
    (file) => {
      writeFileSync(file, offsetsText({ std: ["1.26.0"] }));
      chmodSync(file, 0o666);
    },
    /everybody may write/,
  ],
];

for (const [what, make, said] of bad)
  test(`an updated file that is ${what} is left out, said once, and taken when it is cured`, (t) => {
    const file = fileOf(t);
    make(file);
    const log = logOf(t);
    for (let attach = 0; attach < 3; attach++) assert.deepEqual(newestOf(file), []);
    assert.match(log(), said);
    assert.equal(log().split("\n").length - 1, 1, log());
    assert(log().includes(`${file} is left out`));
    rmSync(file, { recursive: true });
    writeFileSync(file, offsetsText({ std: ["1.26.0"] }));
    assert.deepEqual(newestOf(file), ["1.26.0"]);
  });

test("a file that turns bad is no longer used; permissions count too", (t) => {
  const file = fileOf(t, offsetsText({ std: ["1.26.0"] }));
  assert.deepEqual(newestOf(file), ["1.26.0"]);
  logOf(t);
  chmodSync(file, 0o646);
  assert.deepEqual(newestOf(file), []);
  chmodSync(file, 0o644);
  assert.deepEqual(newestOf(file), ["1.26.0"]);
});
