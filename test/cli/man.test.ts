import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { commandTree } from "../../src/config/command-line.ts";
import type { Setting } from "../../src/config/setting.ts";
import { settings } from "../../src/config/settings.ts";

const repository = join(import.meta.dirname, "../..");
const { man } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
const page = join(repository, man);

for (const [command, ...args] of [
  ["groff", "-man", "-ww", "-Tutf8", "-z"],
  ["mandoc", "-T", "lint"],
] as const) {
  test(`${command} has nothing to say against the manual page`, () => {
    const { stdout, stderr, status } = spawnSync(command, [...args, page], { encoding: "utf8" });
    assert.deepEqual({ stdout, stderr, status }, { stdout: "", stderr: "", status: 0 });
  });
}

test("every command, flag and variable stands in the manual page, and what the exit codes mean", () => {
  const text = readFileSync(page, "utf8").replaceAll("\\-", "-").replace(/\\f./g, "");
  const program = commandTree();
  const flags = [program, ...program.commands].flatMap(({ options }) =>
    options.map(({ long }) => long ?? ""),
  );
  for (const word of [...program.commands.map((command) => command.name()), ...flags])
    assert.ok(text.includes(`\n${word}`) || text.includes(`.SS ${word}\n`), word);
  assert.match(text, /^\.SH EXIT STATUS\n\.TP\n0\na clean stop\n/m);
  for (const setting of Object.values<Setting>(settings))
    for (const name of setting.variables) {
      const folded = name
        .replace(/_OTLP_((TRACES|METRICS)_)?/, "_OTLP_[TRACES_|METRICS_]")
        .replace(/_(SPAN_)?ATTRIBUTE_/, "_[SPAN_]ATTRIBUTE_");
      assert.ok(text.includes(`\n${name}\n`) || text.includes(`\n${folded}\n`), name);
    }
});
