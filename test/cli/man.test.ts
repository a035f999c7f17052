import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { commandTree } from "../../src/config/command-line.ts";

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

test("every command and flag stands in the manual page, and what the exit codes mean", () => {
  const text = readFileSync(page, "utf8").replaceAll("\\-", "-").replace(/\\f./g, "");
  const program = commandTree();
  const flags = [program, ...program.commands].flatMap(({ options }) =>
    options.map(({ long }) => long ?? ""),
  );
  for (const word of [...program.commands.map((command) => command.name()), ...flags])
    assert.ok(text.includes(`\n${word}`) || text.includes(`.SS ${word}\n`), word);
  assert.match(text, /^\.SH EXIT STATUS\n\.TP\n0\na clean stop\n/m);
  assert.match(text, /^OTEL_EXPORTER_OTLP_/m);
});
