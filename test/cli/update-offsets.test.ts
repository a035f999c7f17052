import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { makeCertificates } from "../export/support/certificates.ts";
import { offsetsText, ownFolder, publish, serve, serveFiles, sumOf } from "../offsets/support.ts";
import { cannotBeNobody, until } from "../target/processes.ts";
import { runCli, startCli } from "./run-cli.ts";

const cli = new URL("../../src/cli.ts", import.meta.url).pathname;
const text = offsetsText({ std: ["9.1.0"] });
const newer = offsetsText({ std: ["9.1.0", "9.2.0"] });

function place(t: TestContext): { folder: string; file: string; environment: Record<string, string> } {
  const folder = ownFolder(t);
  const file = join(folder, "state/offsets.json");
  return { folder, file, environment: { OTEL_GO_AUTO_OFFSETS_FILE: file } };
}

test("update-offsets from a web server: what changed, then that nothing did", async (t) => {
  const { file, environment } = place(t);
  const url = await serveFiles(t, { "/offsets.json": text, "/offsets.json.sha256": sumOf(text) });
  const words = ["update-offsets", "--from", `${url}/offsets.json`];
  const first = await runCli(words, environment);
  assert.equal(first.code, 0, first.stderr);
  assert.match(
    first.stderr,
    /^otel-go-auto: offsets are updated: \d+ → 1 field, in .*\/state\/offsets\.json/,
  );
  assert.match(first.stderr, /^ {2}std (unknown|1\.\d+\.\d+) → 9\.1\.0$/m);
  assert.equal(readFileSync(file, "utf8"), text);
  const again = await runCli(words, environment);
  assert.equal(again.code, 0);
  assert.match(again.stderr, /^otel-go-auto: offsets are up to date: \d+ fields?\n$/);
});

test("TLS: the private authority is named by Node's own variable; never from https to http", async (t) => {
  const { file, environment } = place(t);
  const pem = makeCertificates();
  t.after(() => pem.remove());
  const plain = await serveFiles(t, { "/offsets.json": text, "/offsets.json.sha256": sumOf(text) });
  const url = await serve(
    t,
    (request, response) => {
      if (request.url?.startsWith("/plain/"))
        return void response.writeHead(301, { location: `${plain}${request.url.slice(6)}` }).end();
      response.end(request.url === "/offsets.json" ? text : sumOf(text));
    },
    { cert: pem.cert, key: pem.keyPem },
  );
  const from = (path: string, more = {}) =>
    runCli(["update-offsets", "--from", `${url}${path}`], { ...environment, ...more });
  const unknown = await from("/");
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /certificate is not trusted \(.*\)\n(.*\n)* {2}next: set NODE_EXTRA_CA_CERTS/);
  const authority = { NODE_EXTRA_CA_CERTS: pem.certificate };
  assert.match((await from("/plain/", authority)).stderr, /a redirect from https: to http:/);
  assert.equal(existsSync(file), false);
  assert.equal((await from("/", authority)).code, 0);
  assert.equal(readFileSync(file, "utf8"), text);
});

test("the variables say the same, and the flag beats its variable", async (t) => {
  const { folder, file, environment } = place(t);
  publish(join(folder, "source"), text);
  const variables = { ...environment, OTEL_GO_AUTO_OFFSETS_FROM: join(folder, "source") };
  assert.equal((await runCli(["update-offsets"], variables)).code, 0);
  assert.equal(readFileSync(file, "utf8"), text);
  const { code, stderr } = await runCli(["update-offsets", "--from", join(folder, "nowhere")], variables);
  assert.equal(code, 1);
  assert.match(stderr, /why: there is no .*nowhere\n/);
});

test("a bad source: exit code 1, the reason, what stays in use, what to do; the file stays", async (t) => {
  const { folder, file, environment } = place(t);
  publish(join(folder, "state"), text);
  publish(join(folder, "source"), newer, sumOf(text.slice(1)));
  const { code, stderr } = await runCli(["update-offsets", "--from", join(folder, "source")], environment);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^otel-go-auto: error: offsets are not updated\n {2}why: .*does not match its checksum\n/,
  );
  assert.match(stderr, /\n {2}still works: the offsets so far stay in use: \d+ fields?\n {2}next: /);
  assert.equal(readFileSync(file, "utf8"), text);
});

const usage: readonly (readonly [string, string[], Record<string, string>, RegExp])[] = [
  ["no source", [], {}, /no source of newer offsets/],
  ["an empty flag", ["--from", ""], {}, /--from has a value that is not valid/],
  ["a schedule alone", ["--schedule", "0 3 * * *"], {}, /no source of newer offsets/],
  ["a bad schedule", ["--schedule", "every day"], {}, /--schedule .*"every day"(.|\n)*"0 3 \* \* \*"/],
  ["a minute that isn't", ["--schedule", "61 * * * *"], {}, /--schedule .*"61 \* \* \* \*"/],
  ["a day that never comes", ["--schedule", "0 0 31 2 *"], {}, /--schedule .*"0 0 31 2 \*"/],
  ["a date", ["--schedule", "2999-01-01T00:00:00"], {}, /--schedule .*"2999-01-01T00:00:00"/],
  [
    "a bad variable",
    [],
    { OTEL_GO_AUTO_OFFSETS_SCHEDULE: "daily" },
    /OTEL_GO_AUTO_OFFSETS_SCHEDULE .*"daily"/,
  ],
  ["another scheme", ["--from", "ftp://u:secret@mirror/x"], {}, /--from .*"ftp:\/\/\*\*\*@mirror\/x"/],
  ["a URL without a host", ["--from", "http:///x"], {}, /--from has a value that is not valid/],
  ["an unknown flag", ["--form", "x"], {}, /unknown option '--form'(.|\n)*--from, --schedule/],
  ["a word too much", ["x"], {}, /too many arguments/],
];

for (const [what, words, environment, said] of usage)
  test(`usage: ${what}`, async () => {
    const { code, stderr } = await runCli(["update-offsets", ...words], environment);
    assert.equal(code, 2, stderr);
    assert.match(stderr, said);
    assert.doesNotMatch(stderr, /secret/);
  });

test("the agent refuses a schedule without a source", async () => {
  const { code, stderr } = await runCli(["--pid", "1"], { OTEL_GO_AUTO_OFFSETS_SCHEDULE: "@daily" });
  assert.equal(code, 2);
  assert.match(stderr, /no source of newer offsets/);
});

test("--schedule goes on through failures, takes what is new, and ends cleanly", async (t) => {
  const { folder, file, environment } = place(t);
  const source = join(folder, "source");
  const { child, result, stderr } = startCli(
    ["update-offsets", "--from", source, "--schedule", "* * * * * *"],
    environment,
  );
  t.after(() => child.kill("SIGKILL"));
  await until(() => /warn: offsets are not updated\n {2}why: there is no .*source\n/.test(stderr()));
  await until(() => /the next update is at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z/.test(stderr()));
  publish(join(folder, "one"), text);
  renameSync(join(folder, "one"), source);
  await until(() => existsSync(file));
  await until(() => /offsets are up to date/.test(stderr()));
  assert.equal(child.exitCode, null);
  child.kill("SIGTERM");
  assert.equal((await result).code, 0);
  assert.equal(readFileSync(file, "utf8"), text);
});

test("no right to write: exit code 4, and the way out", { skip: cannotBeNobody() }, async (t) => {
  const { folder, file, environment } = place(t);
  publish(join(folder, "source"), text);
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "state"));
  const nobody = [
    "--reuid=65534",
    "--regid=65534",
    "--clear-groups",
    process.execPath,
    "--import",
    "tsx",
    cli,
  ];
  const run = (more: Record<string, string>) =>
    spawnSync("setpriv", [...nobody, "update-offsets", "--from", join(folder, "source")], {
      encoding: "utf8",
      env: { PATH: process.env.PATH, ...more },
    });
  const refused = run(environment);
  assert.equal(refused.status, 4, refused.stderr);
  assert.match(refused.stderr, /state\/offsets\.json cannot be written: EACCES/);
  assert.match(refused.stderr, /next: .*OTEL_GO_AUTO_OFFSETS_FILE/);
  assert.equal(existsSync(file), false);

  chmodSync(join(folder, "source/offsets.json.sha256"), 0o600);
  const unreadable = run(environment);
  assert.equal(unreadable.status, 4);
  assert.match(unreadable.stderr, /offsets\.json\.sha256 cannot be read: EACCES/);
  chmodSync(join(folder, "source/offsets.json.sha256"), 0o644);

  mkdirSync(join(folder, "home"), { mode: 0o777 });
  chmodSync(join(folder, "home"), 0o777);
  for (const [variables, path] of [
    [{ HOME: join(folder, "home") }, "home/.local/state/otel-go-auto/offsets.json"],
    [{ HOME: "/", XDG_STATE_HOME: join(folder, "home/state") }, "home/state/otel-go-auto/offsets.json"],
  ] as const) {
    const { status, stderr } = run(variables);
    assert.equal(status, 0, stderr);
    assert.equal(readFileSync(join(folder, path), "utf8"), text);
  }
});

test("a full disk: exit code 1, and the old file stays", { skip: process.getuid?.() !== 0 }, (t) => {
  const { folder } = place(t);
  const many = Array.from({ length: 2000 }, (_, i) => `a.B.c${i}`);
  publish(folder, offsetsText({ std: ["9.2.0"] }, many));
  writeFileSync(join(folder, "old"), text);
  mkdirSync(join(folder, "disk"));
  const script = `mount -t tmpfs -o size=32k none "$1/disk" && cp "$1/old" "$1/disk/offsets.json" || exit 99
    "$2" --import tsx "$3" update-offsets --from "$1"
    code=$?
    ls -A "$1/disk"; cat "$1/disk/offsets.json"
    exit $code`;
  const { status, stdout, stderr } = spawnSync(
    "unshare",
    ["--mount", "sh", "-c", script, "sh", folder, process.execPath, cli],
    {
      encoding: "utf8",
      env: { PATH: process.env.PATH, OTEL_GO_AUTO_OFFSETS_FILE: join(folder, "disk/offsets.json") },
    },
  );
  assert.equal(status, 1, stderr);
  assert.match(stderr, /cannot be written: ENOSPC/);
  assert.equal(stdout, `offsets.json\n${text}`);
});
