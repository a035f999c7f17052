// docs/configuration.md names every flag, variable and key of the table of settings, and no other.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Setting } from "../../src/config/setting.ts";
import { settings } from "../../src/config/settings.ts";

const text = readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8");
const rows = text
  .split("\n")
  .filter((line) => /^\| (`--|\|)/.test(line))
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|")));
const all = Object.values<Setting>(settings);

/** "[TRACES_|METRICS_]" and "[SPAN_]" stand for what may be there or not. */
function unfolded(cell: string): readonly string[] {
  const [, name] = /^`(.*)`$/.exec(cell) ?? [];
  if (name === undefined) return [];
  const [, before = "", choices, after = ""] = /^(.*)\[(.*)\](.*)$/.exec(name) ?? [];
  return choices === undefined ? [name] : ["", ...choices.split("|")].map((one) => before + one + after);
}

const documented = (column: number) => rows.flatMap((cells) => unfolded(cells[column] ?? "")).sort();
const unique = (names: readonly string[]) => [...new Set(names)].sort();

test("flags", () => {
  const flags = all.flatMap(({ flag }) => (flag ? [flag] : []));
  assert.deepEqual(documented(1), unique(flags));
});

test("variables", () => {
  assert.deepEqual(documented(2), unique(all.flatMap(({ variables }) => variables)));
});

test("keys", () => {
  assert.deepEqual(documented(3), unique(all.flatMap(({ keys }) => keys)));
});

test("flag, variable and key of a row are those of one setting, and live ones are called so", () => {
  for (const [, flag = "", variable = "", key = "", , meaning = ""] of rows) {
    const names = [...unfolded(flag), ...unfolded(variable)];
    const setting = all.find(
      (one) =>
        names.includes(one.flag ?? "") ||
        names.includes(one.variables[0] ?? "") ||
        (names.length === 0 && one.keys.some((name) => unfolded(key).includes(name))),
    );
    assert.ok(setting, variable);
    assert.deepEqual(unfolded(flag), setting.flag ? [setting.flag] : [], variable);
    assert.ok(
      setting.keys.every((one) => unfolded(key).includes(one)),
      variable,
    );
    assert.equal(/^live\b/.test(meaning), setting.live ?? false, variable);
  }
});
