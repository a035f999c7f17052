import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "node:test";
import { filesBelow } from "../../scripts/files.ts";

/** The road through the house: a room imports only from rooms that stand before it, and everyone from `report`. */
const road = [
  "config",
  "target",
  "binary",
  "offsets",
  "libraries",
  "plan",
  "kernel",
  "drain",
  "spans",
  "export",
];
const open = ["report", "generated"];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const statement = /^(?:import|export)\s+(type\s)?[^;]*?from\s+"(\.[^"]+)"|import\("(\.[^"]+)"\)/gm;

function importsOf(file: string): Import[] {
  const source = readFileSync(file, "utf8");
  return [...source.matchAll(statement)].map(([, type, path, late]) => ({
    from: file,
    to: join(dirname(file), path ?? late ?? ""),
    typeOnly: type !== undefined,
  }));
}

const roomOf = (file: string) => file.split("/")[1] ?? "";
const files = filesBelow("src", ".ts").filter((file) => !file.endsWith(".d.ts"));
const imports = files.flatMap(importsOf);

test("every import between rooms goes one way", () => {
  const wrong = imports.filter(({ from, to, typeOnly }) => {
    const [here, there] = [roomOf(from), roomOf(to)];
    if (here === there || open.includes(there) || !road.includes(here)) return false;
    if (!road.includes(there)) return true;
    return road.indexOf(there) > road.indexOf(here) && !typeOnly;
  });
  assert.deepEqual(wrong, []);
  assert.ok(imports.length > 200, `only ${imports.length} imports found`);
});

test("no file needs itself, by however many others", () => {
  const needs = new Map(
    files.map((file) => [file, imports.filter(({ from }) => from === file).map(({ to }) => to)]),
  );
  const done = new Set<string>();
  /** The way back to a file of the path, when there is one. */
  const circle = (file: string, path: readonly string[]): readonly string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    const found = (needs.get(file) ?? []).map((each) => circle(each, [...path, file]));
    done.add(file);
    return found.find(({ length }) => length > 0) ?? [];
  };
  assert.deepEqual(
    files.map((file) => circle(file, [])).filter(({ length }) => length > 0),
    [],
  );
});

test("messages need no room's code", () => {
  const wrong = imports.filter(({ from, to, typeOnly }) => {
    return (
      roomOf(from) === "report" &&
      !["report", "generated", "package.json", "."].includes(roomOf(to)) &&
      !typeOnly
    );
  });
  assert.deepEqual(
    wrong.filter(({ to }) => !to.startsWith("package.json")),
    [],
  );
});

test("a library knows no other library, and only the libraries' shared files", () => {
  const folders = new Set(filesBelow("src/libraries", "/index.ts").map(dirname));
  const folderOf = (file: string) => [...folders].find((folder) => file.startsWith(`${folder}/`));
  const wrong = imports.filter(({ from, to }) => {
    const [here, there] = [folderOf(from), folderOf(to)];
    return there !== undefined && here !== there && roomOf(from) !== "generated";
  });
  assert.deepEqual(wrong, []);
});
