// A program whose types are renamed, as obfuscators do: what it doesn't tell of itself, offsets.json does, and a newer
// one is taken while the agent runs.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { openGoBinary } from "../../src/binary/index.ts";
import { library } from "../../src/libraries/net/http/server/index.ts";
import { findField } from "../../src/offsets/field.ts";
import { parseOffsets } from "../../src/offsets/table.ts";
import { ownFolder, publish } from "../offsets/support.ts";
import { repository } from "./support/agent.ts";
import { type Running, start } from "./support/process.ts";
import { buildServer, startExecutable } from "./support/server.ts";

const go = "1.26.8";
const usual = { go, stripped: true, program: "std" } as const;
const struct = "net/http.Request";

/** The length and the text of a type's name, as reflection has it: https://github.com/golang/go/blob/go1.26.0/src/internal/abi/type.go */
const typeName = Buffer.from("\x0d*http.Request");

/** The program under another name for its http.Request, in a file of its own. */
async function obfuscated(path: string): Promise<string> {
  cpSync(await buildServer(usual), path);
  const content = readFileSync(path);
  let count = 0;
  for (let at = content.indexOf(typeName); at >= 0; at = content.indexOf(typeName, at + 1)) {
    content.write("Rzzzzzz", at + "\x0d*http.".length);
    count++;
  }
  assert.equal(count, 1);
  writeFileSync(path, content);
  return path;
}

/** What the program itself would say, as an offsets.json for these versions. */
async function tableFor(versions: readonly string[]): Promise<string> {
  const binary = openGoBinary(await buildServer(usual));
  const names = Object.values(library.fields).flatMap((field) => field.names);
  const fields = names
    .filter((name) => name.startsWith(`${struct}.`))
    .flatMap((name) => {
      const { offset } = findField(binary, () => [], [name]) ?? {};
      return offset === undefined ? [] : [[name, [[versions[0], offset]]]];
    });
  binary.close();
  const text = JSON.stringify({
    schema: 1,
    modules: { std: { versions, fields: Object.fromEntries(fields) } },
  });
  assert(parseOffsets(text).fieldCount >= 8);
  return text;
}

/** An agent that was packaged without an offsets.json, so that nothing but the updated one counts. */
function agentWithout(folder: string, words: readonly string[], env: Record<string, string>): Running {
  for (const part of ["bin", "dist", "prebuilds", "package.json"])
    cpSync(join(repository, part), join(folder, "agent", part), { recursive: true });
  return start(join(folder, "agent/bin/otel-go-auto"), words, {
    cwd: folder,
    env: { PATH: dirname(process.execPath), ...env },
  });
}

/** Publishes as a mounted volume does: by one link that is swapped. */
function publishVolume(folder: string, name: string, text: string): void {
  publish(join(folder, name), text);
  symlinkSync(name, join(folder, "..next"));
  renameSync(join(folder, "..next"), join(folder, "..data"));
}

const guess = new RegExp(`the offset of ${struct}.Method is that of version 1\\.25\\.0`);

test("a running agent takes newer offsets at its next attach", async (t: TestContext) => {
  const folder = ownFolder(t);
  const executable = await obfuscated(join(folder, "app"));
  const volume = join(folder, "volume");
  mkdirSync(volume);
  for (const name of ["offsets.json", "offsets.json.sha256"])
    symlinkSync(`..data/${name}`, join(volume, name));
  publishVolume(volume, "first", await tableFor(["1.24.0", "1.25.0"]));
  const agent = agentWithout(folder, ["--console"], {
    OTEL_GO_AUTO_TARGET_EXE: executable,
    OTEL_GO_AUTO_OFFSETS_FROM: volume,
    OTEL_GO_AUTO_OFFSETS_SCHEDULE: "* * * * * *",
    OTEL_GO_AUTO_OFFSETS_FILE: join(folder, "state/offsets.json"),
  });
  t.after(() => agent.stop("SIGKILL"));
  await agent.waitFor(/offsets are updated: 0 → \d+ fields.*\n.* std unknown → 1\.25\.0/);

  const attach = async (seen: number, path: string) => {
    const server = await startExecutable(executable);
    t.after(() => server.running.stop("SIGKILL"));
    await agent.waitFor(new RegExp(`(net/http server: attached, [^]*){${seen}}`));
    await (await fetch(`http://127.0.0.1:${server.ports.h1}/items/${path}`)).text();
    await agent.waitFor(new RegExp(`(GET /items/\\{id\\}[^]*){${seen}}`));
    const before = agent.stderr();
    await server.stop();
    await agent.waitFor(new RegExp(`(has ended[^]*){${seen}}`));
    return before;
  };
  assert.match(await attach(1, "a"), guess);
  publishVolume(volume, "second", await tableFor(["1.24.0", "1.25.0", go]));
  await agent.waitFor(/ std 1\.25\.0 → 1\.26\.8/);
  const second = await attach(2, "b");
  assert.doesNotMatch(second.slice(second.indexOf("1.25.0 → 1.26.8")), guess);
  assert.equal((await agent.stop("SIGINT")).code, 0);
  assert.match(agent.stderr(), /spans 2 = 2 exported/);
});
