import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { openGoBinary } from "../../src/binary/index.ts";
import { libraries } from "../../src/generated/registry.ts";
import { planLibraries } from "../../src/plan/plan.ts";
import type { InspectionDocument } from "../../src/report/inspection-document.ts";
import { serverPath } from "../binary/programs.ts";
import { buildClient } from "../e2e/support/http-client.ts";
import { buildServer } from "../e2e/support/server.ts";
import { buildGo, callersSource } from "../fixtures/go-binaries.ts";
import { cannotBeNobody, folder, runs, start, until } from "../target/processes.ts";
import { runCli } from "./run-cli.ts";

const repository = join(import.meta.dirname, "../..");
const withoutHttp = join(repository, "test/e2e/programs/without-http");
const pie = await serverPath({ go: "1.22.12", flags: ["-buildmode=pie", "-ldflags=-s -w"] });

test("a file: the plan as JSON, exit code 0", async () => {
  const { code, stdout, stderr } = await runCli(["inspect", pie, "--json"]);
  assert.deepEqual([code, stderr], [0, ""]);
  const document: InspectionDocument = JSON.parse(stdout);
  const binary = openGoBinary(pie);
  const plans = planLibraries(binary, libraries, { disabled: [], loadBias: 0, offsets: () => [] });
  binary.close();
  assert.deepEqual(
    [document.schema, document.file, document.process, document.go],
    [1, pie, null, "go1.22.12"],
  );
  assert.deepEqual(
    document.libraries.map(({ path, status }) => [path, status]),
    plans.map(({ library, status }) => [library.path, status]),
  );
});

test("an arm64 program, whatever this machine is", async () => {
  const path = await serverPath({ go: "1.22.12", env: { GOARCH: "arm64" } });
  const { code, stdout } = await runCli(["inspect", path]);
  assert.equal(code, 0);
  assert.match(stdout, /^architecture +arm64$/m);
  assert.match(stdout, /^net\/http server: would be attached$/m);
});

test("nothing to trace: exit code 6, with the text all the same", async () => {
  const path = await buildGo({ go: "1.26.8", source: withoutHttp });
  const none = await runCli(["inspect", path]);
  assert.deepEqual([none.code, none.stderr], [6, ""]);
  assert.match(none.stdout, /^Go +go1\.26\.8$[\s\S]*^net\/http server: not attached, not in this binary$/m);
  for (const [words, environment] of [
    [["inspect", pie, "--disable", "net/http"], {}],
    [["inspect", pie], { OTEL_GO_AUTO_DISABLE_INSTRUMENTATIONS: "http" }],
  ] as const) {
    const disabled = await runCli(words, environment);
    assert.equal(disabled.code, 6);
    assert.match(disabled.stdout, /^net\/http server: not attached, disabled by you$/m);
  }
});

test("what is no Go program is refused by what it is", async (t) => {
  const place = folder(t);
  const [script, sparse, directory] = ["script", "sparse", "directory"].map((name) => join(place, name));
  assert.ok(script && sparse && directory);
  writeFileSync(script, "#!/usr/bin/env node\n");
  writeFileSync(sparse, "");
  truncateSync(sparse, 2 ** 40);
  mkdirSync(directory);
  for (const [path, exitCode, words] of [
    [join(place, "none"), 3, /there is no file/],
    ["/usr/bin/env", 6, /isn't a Go program/],
    [script, 6, /a script that node runs/],
    [sparse, 6, /isn't an ELF file/],
    [directory, 6, /directory/],
  ] as const) {
    const { code, stdout, stderr } = await runCli(["inspect", path]);
    assert.deepEqual([code, stdout], [exitCode, ""], path);
    assert.match(stderr, words);
  }
});

test("variables of tracing, good or bad, have no say", async () => {
  const { code, stderr } = await runCli(["inspect", pie], {
    OTEL_GO_AUTO_TARGET_PID: "1",
    OTEL_TRACES_SAMPLER: "no such",
    OTEL_EXPORTER_OTLP_CERTIFICATE: "/no/such.pem",
  });
  assert.deepEqual([code, stderr], [0, ""]);
});

test("an updated offsets.json is asked for what the program leaves out", async (t) => {
  // The routes that this struct is of came with Go 1.22, so that the program can't know it; the table pretends.
  const path = await buildServer({ go: "1.20.14", stripped: true, program: "std" });
  const file = join(folder(t), "offsets.json");
  const std = { versions: ["1.20.13"], fields: { "net/http.pattern.str": [["1.17.0", 24]] } };
  writeFileSync(file, JSON.stringify({ schema: 1, modules: { std } }));
  const { code, stdout } = await runCli(["inspect", path], { OTEL_GO_AUTO_OFFSETS_FILE: file });
  assert.equal(code, 0);
  assert.match(stdout, /^ +! +pattern_text +net\/http\.pattern\.str +24 +nearest older version 1\.20\.13$/m);
});

test("a process: its program, and what its addresses are higher by", async (t) => {
  const path = join(folder(t), "server");
  copyFileSync(pie, path);
  chmodSync(path, 0o755);
  const child = await start(t, path, "-listen", "127.0.0.1:0");
  await until(runs(child.pid, path));
  const { code, stdout, stderr } = await runCli(["inspect", "--pid", String(child.pid), "--json"]);
  assert.equal(code, 0, stderr);
  const { process, file, libraries }: InspectionDocument = JSON.parse(stdout);
  assert.deepEqual([file, process?.pid], [path, child.pid]);
  assert.match(process?.loadBias ?? "", /^0x[0-9a-f]+000$/);
  assert.equal(libraries.find(({ path }) => path === "net/http/server")?.status, "attach");
});

test("no rights are needed for a file and for one's own process", { skip: cannotBeNobody() }, async (t) => {
  const path = join(folder(t), "server");
  copyFileSync(pie, path);
  chmodSync(path, 0o755);
  chmodSync(join(path, ".."), 0o755);
  const listen = ["-listen", "127.0.0.1:0"];
  const nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
  const own = await start(t, "setpriv", ...nobody, path, ...listen);
  const roots = await start(t, path, ...listen);
  await until(() => runs(own.pid, path)() && runs(roots.pid, path)());

  const inspect = (...words: string[]) => {
    const cli = ["--import", "tsx", join(repository, "src/cli.ts"), "inspect", ...words];
    // Without the test runner's FORCE_COLOR.
    const env = { PATH: process.env.PATH };
    return spawnSync("setpriv", [...nobody, process.execPath, ...cli], { encoding: "utf8", env });
  };
  for (const words of [[path], ["--pid", String(own.pid)]]) {
    const { status, stdout, stderr } = inspect(...words);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^net\/http server: would be attached$/m);
  }
  const other = inspect("--pid", String(roots.pid));
  assert.equal(other.status, 4, other.stderr);
  assert.match(other.stderr, /no CAP_SYS_PTRACE, which it takes to look at another user's process/);
  chmodSync(path, 0o700);
  const closed = inspect(path);
  assert.equal(closed.status, 4);
  assert.match(closed.stderr, /this user has no permission to read it/);
});

test("nothing of the kernel's room is loaded, so no native addon either", async () => {
  const { metafile } = await build({
    entryPoints: [join(repository, "src/inspect.ts")],
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    logLevel: "silent",
  });
  const files = Object.keys(metafile.inputs);
  assert.ok(files.some((file) => file.endsWith("src/plan/plan.ts")));
  assert.deepEqual(
    files.filter((file) => /src\/(kernel|drain|export)\//.test(file)),
    [],
  );
});

test("a reader that goes is no failure, a full disk is one", () => {
  const cli = `'${process.execPath}' --import tsx '${join(repository, "src/cli.ts")}' inspect '${pie}'`;
  const shell = (script: string) => spawnSync("bash", ["-c", script], { encoding: "utf8" });
  const gone = shell(`${cli} | true; echo "\${PIPESTATUS[0]}"`);
  assert.deepEqual([gone.stdout, gone.stderr], ["0\n", ""]);
  const full = shell(`${cli} > /dev/full`);
  assert.equal(full.status, 1);
  assert.match(full.stderr, /ENOSPC/);
});

test("--dry-run prints the plan of a process and attaches nothing", async (t) => {
  const child = await start(t, pie, "-listen", "127.0.0.1:0");
  await until(runs(child.pid, pie));
  const { code, stdout, stderr } = await runCli(["--pid", String(child.pid), "--dry-run", "--json"]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /nothing was attached \(--dry-run\); the kernel, .*, would allow it/);
  const document: InspectionDocument = JSON.parse(stdout);
  const server = document.libraries.find(({ path }) => path === "net/http/server");
  assert.deepEqual([document.process?.pid, server?.status], [child.pid, "attach"]);
  assert.doesNotMatch(stderr, /tier:/, "it sends no requests");
});

test("--dry-run says how trace context would go out", async (t) => {
  const client = await buildClient("1.26.8", true);
  const child = await start(t, client, "-back");
  await until(runs(child.pid, client));
  const { stderr } = await runCli(["--pid", String(child.pid), "--dry-run"]);
  assert.match(stderr, new RegExp(`trace context in requests that process ${child.pid} sends:`));
  assert.match(stderr, /socket tier: (would be on, .*would carry|off)/);
  assert.match(stderr, /write tier: (would be on, .*would carry|off)/);
  const { stdout } = await runCli(["--pid", String(child.pid), "--dry-run", "--json"]);
  const { socket, write }: NonNullable<InspectionDocument["propagation"]> = JSON.parse(stdout).propagation;
  for (const [name, tier] of Object.entries({ socket, write }))
    assert.match(stderr, new RegExp(`${name} tier: ${tier?.on ? "would be on" : "off"}`));
  const without = await runCli(["--pid", String(child.pid), "--dry-run"], { OTEL_PROPAGATORS: "none" });
  assert.match(without.stderr, /socket tier: off, .*OTEL_PROPAGATORS names none/);
});

test("--dry-run ends as the attempt would", async (t) => {
  const none = await start(t, await buildGo({ go: "1.26.8", source: withoutHttp }));
  assert.equal((await runCli(["--pid", String(none.pid), "--dry-run"])).code, 6);
});

test("a program without a client has nothing of the client's", async () => {
  const { stdout } = await runCli(["inspect", pie]);
  for (const name of ["client", "client's headers"])
    assert.match(stdout, new RegExp(`^net/http ${name}: not attached, not in this binary$`, "m"));
});

test("each probe by its name stands there once, whatever the version; and the counter of goroutine ids", async () => {
  for (const go of ["1.19.13", "1.26.8"]) {
    const { stdout } = await runCli(["inspect", await buildGo({ go, source: callersSource })]);
    const names = [...stdout.matchAll(/^ {4}((?:end of )?\(\*(?:DB|Stmt|Tx|Conn)\)\.\w+) /gm)].map(
      ([, name]) => name,
    );
    assert.ok(names.length > 10, stdout);
    assert.deepEqual(names, [...new Set(names)]);
    assert.match(stdout, /^goid counter +0x[0-9a-f]+$/m);
  }
  const path = await serverPath({ go: "1.22.12", env: { GOARCH: "arm64" } });
  assert.match((await runCli(["inspect", path])).stdout, /^goid counter +not found: /m);
});

test("a name that no library has is warned of, with the nearest", async () => {
  const { code, stderr } = await runCli(["inspect", pie, "--disable", "nett/http,database/sql,kafka,kafka"]);
  assert.equal(code, 0);
  assert.match(
    stderr,
    /"nett\/http" is to be disabled, but names no library; did you mean net\/http\? libraries are .*net\/http\/server/,
  );
  assert.equal(stderr.match(/"kafka" is to be disabled/g)?.length, 1);
  assert.doesNotMatch(stderr, /"database\/sql"/);
  const many = Array.from({ length: 10_000 }, (_, index) => `unknown${index}`).join(",");
  const { stderr: few } = await runCli(["inspect", pie], { OTEL_GO_AUTO_DISABLE_INSTRUMENTATIONS: many });
  assert.ok((few.match(/names no library/g)?.length ?? 0) <= 5, few);
});

test("the config file's rules: what each would have, and why not", async (t) => {
  const program = await buildGo({ go: "1.26.8", source: join(repository, "test/libraries/rules/app") });
  const config = join(folder(t), "rules.yaml");
  const rules = [
    "{ function: main.step }",
    "{ function: main.stop }",
    "{ function: 'main.(*disk).*', process: other }",
    "{ function: 'main.s*' }",
    "{ function: main.step, ratio: 0.5 }",
  ];
  writeFileSync(config, `rules:\n${rules.map((rule) => `  - ${rule}\n`).join("")}`);
  const { code, stdout } = await runCli(["inspect", program, "--config", config]);
  // Of libraries the program has none.
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^rules\n {2}main\.step \(line 2\): would be traced\n {2}main\.stop \(line 3\): not traced\n {4}the program has no such function; near it: main\.step.*\n {2}main\.\(\*disk\)\.\* \(line 4\): for other alone\n {2}main\.s\* \(line 5\): would be traced\n {4}main\.saveAll\n {2}main\.step \(line 6\): not traced, rules before it have its functions$/m,
  );
  const document: InspectionDocument = JSON.parse(
    (await runCli(["inspect", program, "--config", config, "--json"])).stdout,
  );
  assert.deepEqual(
    document.rules.map(({ forThis, functions, leftOut }) => [forThis, functions.length, leftOut.length]),
    [
      [true, 1, 0],
      [true, 0, 1],
      [false, 0, 0],
      [true, 1, 0],
      [true, 0, 0],
    ],
  );
});
