import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import type { OffsetsSource } from "../../src/config/config.ts";
import { offsetsSource } from "../../src/config/offsets-values.ts";
import { packagedOffsets } from "../../src/offsets/store.ts";
import { update } from "../../src/offsets/update.ts";
import { explain, UserError } from "../../src/report/user-error.ts";
import { offsetsText, ownFolder, publish, serve, serveFiles, sumOf } from "./support.ts";

const never = new AbortController().signal;
/** Newer than anything that is packaged. */
const [first, second] = ["9.1.0", "9.2.0"];
const text = offsetsText({ std: [first] });
const newer = offsetsText({ std: [first, second] }, ["net/http.Request.Method", "net/http.Request.Host"]);

const fileIn = (t: TestContext) => join(ownFolder(t), "state/otel-go-auto/offsets.json");

async function failureOf(source: OffsetsSource, file: string, seconds = 20): Promise<string> {
  const error = await update(source, file, never, seconds).catch((thrown: unknown) => thrown);
  assert(error instanceof UserError, String(error));
  assert.equal(error.exitCode, 1);
  return explain(error.explanation);
}

test("a folder and a file: the first time, the same again, and newer ones", async (t) => {
  const folder = ownFolder(t);
  const file = fileIn(t);
  publish(folder, text);
  const source = offsetsSource(folder);
  const one = await update(source, file, never);
  assert.equal(one.changed, true);
  assert.match(
    one.message,
    /1 field, in .*state\/otel-go-auto\/offsets\.json; newest versions:\n(.*\n)* {2}std .* → 9\.1\.0/,
  );
  assert.equal(readFileSync(file, "utf8"), text);
  assert.equal(statSync(file).mode & 0o777, 0o644);
  const { ino } = statSync(file);

  const again = await update(source, file, never);
  assert.equal(again.changed, false);
  assert.match(again.message, /up to date: \d+ fields?$/);
  assert.equal(statSync(file).ino, ino);

  publish(folder, newer);
  const two = await update(offsetsSource(join(folder, "offsets.json")), file, never);
  assert.match(two.message, /→ 2 fields, .*\n(.*\n)* *std 9\.1\.0 → 9\.2\.0/);
  assert.equal(readFileSync(file, "utf8"), newer);
  assert.deepEqual(readdirSync(dirname(file)), ["offsets.json"]);
});

test("readers of the file see the old one or the new one, never half of one", async (t) => {
  const folder = ownFolder(t);
  const file = fileIn(t);
  publish(folder, text);
  await update(offsetsSource(folder), file, never);
  const before = statSync(file).ino;
  publish(folder, newer);
  await update(offsetsSource(folder), file, never);
  assert.notEqual(statSync(file).ino, before);
});

test("a volume whose link is swapped between the two files is read again", async (t) => {
  const [folder, file] = [ownFolder(t), fileIn(t)];
  publish(join(folder, "old"), text);
  publish(join(folder, "new"), newer);
  symlinkSync("old", join(folder, "..data"));
  for (const name of ["offsets.json", "offsets.json.sha256"])
    symlinkSync(`..data/${name}`, join(folder, name));
  await update(offsetsSource(folder), file, never);
  assert.equal(readFileSync(file, "utf8"), text);
  symlinkSync("new", join(folder, "..next"));
  renameSync(join(folder, "..next"), join(folder, "..data"));
  await update(offsetsSource(folder), file, never);
  assert.equal(readFileSync(file, "utf8"), newer);
});

test("a web server, also behind a redirect, and by the folder's URL", async (t) => {
  const requests: string[] = [];
  const url = await serve(t, (request, response) => {
    requests.push(request.url ?? "");
    if (request.url?.startsWith("/moved/"))
      return response.writeHead(302, { location: request.url.slice(6) }).end();
    response.end(request.url === "/offsets.json" ? text : sumOf(text));
  });
  const file = fileIn(t);
  const { message } = await update(offsetsSource(`${url}/moved/`), file, never);
  assert.match(message, /updated/);
  assert.equal(readFileSync(file, "utf8"), text);
  assert.deepEqual(requests, [
    "/moved/offsets.json.sha256",
    "/offsets.json.sha256",
    "/moved/offsets.json",
    "/offsets.json",
  ]);
  requests.length = 0;
  assert.match((await update(offsetsSource(`${url}/offsets.json`), file, never)).message, /up to date/);
  assert.deepEqual(requests, ["/offsets.json.sha256"]);
});

test("credentials of the URL are sent, to that server alone, and never shown; nor is a token", async (t) => {
  const seen: (string | undefined)[] = [];
  const other = await serve(t, (request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(404).end();
  });
  const url = await serve(t, (request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(302, { location: `${other}/` }).end();
  });
  const said = await failureOf(
    offsetsSource(`${url.replace("//", "//ann:s%40cret@")}/offsets.json?token=t0ken`),
    fileIn(t),
  );
  assert.deepEqual(seen, [`Basic ${Buffer.from("ann:s@cret").toString("base64")}`, undefined]);
  assert.doesNotMatch(said, /ann|cret|t0ken/);
  assert.match(said, /status 404/);
});

const files = (content: string | Buffer, sum = sumOf(content)) => ({
  "/offsets.json": content,
  "/offsets.json.sha256": sum,
});

/** What a server has → what is said. */
const badServers: readonly (readonly [string, Readonly<Record<string, string | Buffer>>, RegExp])[] = [
  ["nothing", {}, /offsets\.json\.sha256: the server answers with status 404/],
  ["no checksum", { "/offsets.json": newer }, /sha256: the server answers with status 404/],
  ["a checksum alone", { "/offsets.json.sha256": sumOf(newer) }, /offsets\.json: .* status 404/],
  [
    "the checksum of something else",
    files(newer, sumOf("something")),
    /offsets\.json does not match its checksum/,
  ],
  ["a truncated file", files(newer.slice(0, -9), sumOf(newer)), /does not match its checksum/],
  ["a web page for everything", files("<html>", "<html>"), /sha256: it is not in sha256sum's format/],
  ["a large web page for everything", files("<html>", "x".repeat(9999)), /sha256: .*larger than 4096 bytes/],
  ["a web page for offsets", files("<html></html>"), /offsets\.json: it is not JSON/],
  ["text of another encoding", files(Buffer.from(newer, "utf16le")), /not JSON|not UTF-8/],
  ["another schema", files('{"schema":2,"modules":{}}'), /offsets\.json: schema: /],
  ["a huge file", files(Buffer.alloc((1 << 20) + 1, " ")), /offsets\.json: it is larger than 1048576 bytes/],
  [
    "what is older",
    files(offsetsText({ std: ["1.2.0"] })),
    /older than what is in use: .*std 9\.1\.0 → 1\.2\.0/,
  ],
  ["modules less", files(offsetsText({})), /older than what is in use: .*std 9\.1\.0 → gone/],
];

for (const [what, content, said] of badServers)
  test(`a server that has ${what}: refused with a reason, and the old file stays`, async (t) => {
    const file = fileIn(t);
    publish(dirname(file), text);
    const url = await serveFiles(t, content);
    const message = await failureOf(offsetsSource(`${url}/offsets.json`), file);
    assert.match(message, said);
    assert.match(message, /still works: the offsets so far stay in use: \d+ field/);
    assert.match(message, /next: /);
    assert.equal(readFileSync(file, "utf8"), text);
    assert.deepEqual(readdirSync(dirname(file)).sort(), ["offsets.json", "offsets.json.sha256"]);
  });

test("a server that isn't there, doesn't answer, stops in the middle, or redirects for ever", async (t) => {
  const file = fileIn(t);
  const gone = await serve(t, () => {});
  const of = (url: string, seconds?: number) =>
    failureOf(offsetsSource(`${url}/offsets.json`), file, seconds);
  assert.match(await of(gone, 0.2), /no complete answer within 0\.2 s/);
  const slow = await serve(t, (_, response) => void response.write("0123"));
  assert.match(await of(slow, 0.2), /no complete answer within 0\.2 s/);
  const broken = await serve(t, (_, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("0123", () => response.destroy());
  });
  assert.match(await of(broken), /cannot be fetched: /);
  const turning = await serve(
    t,
    ({ url }, response) => void response.writeHead(302, { location: `${url}x` }).end(),
  );
  assert.match(await of(turning), /cannot be fetched: more than 5 redirects/);
  const elsewhere = await serve(
    t,
    (_, response) => void response.writeHead(302, { location: "file:///etc/passwd" }).end(),
  );
  assert.match(await of(elsewhere), /cannot be fetched: a redirect from http: to file:/);
  const nowhere = await serve(
    t,
    (_, response) => void response.writeHead(302, { location: "http://" }).end(),
  );
  assert.match(await of(nowhere), /cannot be fetched: a redirect to nowhere/);
  const endless = await serve(t, (_, response) => {
    const more = () => response.write("0".repeat(65_536), more);
    more();
  });
  assert.match(await of(endless), /larger than 4096 bytes/);
  assert.match(await of("http://127.0.0.1:2"), /cannot be fetched: .*ECONNREFUSED/);
  assert.match(await of("http://no-such-host.invalid"), /cannot be fetched: .*(ENOTFOUND|EAI_AGAIN)/);
  assert.equal(existsSync(file), false);
});

test("a server that publishes at this moment is asked again", async (t) => {
  let asked = 0;
  const url = await serve(t, (request, response) => {
    if (request.url === "/offsets.json") return void response.end(newer);
    response.end(sumOf(asked++ === 0 ? text : newer));
  });
  const file = fileIn(t);
  await update(offsetsSource(`${url}/offsets.json`), file, never);
  assert.equal(readFileSync(file, "utf8"), newer);
  assert.equal(asked, 2);
});

test("folders and files that are no source", async (t) => {
  const folder = ownFolder(t);
  const file = fileIn(t);
  const of = (path: string) => failureOf(offsetsSource(path), file);
  assert.match(await of(join(folder, "nowhere")), /there is no .*nowhere\n/);
  assert.match(await of(folder), /there is no .*offsets\.json\.sha256\n/);
  writeFileSync(join(folder, "offsets.json.sha256"), "x".repeat(4097));
  assert.match(await of(folder), /offsets\.json\.sha256: it is larger than 4096 bytes/);
  writeFileSync(join(folder, "offsets.json.sha256"), sumOf(text));
  assert.match(await of(folder), /there is no .*offsets\.json\n/);
  mkdirSync(join(folder, "offsets.json"));
  assert.match(await of(folder), /offsets\.json: it is no regular file|EISDIR/);
  assert.match(await of("/dev/zero"), /there is no \/dev\/zero\.sha256/);
  symlinkSync("/dev/zero", join(folder, "zero"));
  writeFileSync(join(folder, "zero.sha256"), sumOf(text));
  assert.match(await of(join(folder, "zero")), /zero: it is no regular file/);
});

test("an updated file that is damaged is replaced by the same content again", async (t) => {
  const [folder, file] = [ownFolder(t), fileIn(t)];
  publish(folder, text);
  await update(offsetsSource(folder), file, never);
  t.mock.method(process.stderr, "write", () => true);
  writeFileSync(file, "{");
  assert.equal((await update(offsetsSource(folder), file, never)).changed, true);
  assert.equal(readFileSync(file, "utf8"), text);
});

test("newer for one module, older for another: taken, and said of both", async (t) => {
  const [folder, file] = [ownFolder(t), fileIn(t)];
  publish(folder, offsetsText({ std: [second], "example.org/a": ["1.5.0"] }));
  await update(offsetsSource(folder), file, never);
  publish(folder, offsetsText({ std: [first], "example.org/a": ["1.6.0"], "example.org/b": ["1.0.0"] }));
  const { message } = await update(offsetsSource(folder), file, never);
  assert.match(message, /^ {2}example\.org\/a 1\.5\.0 → 1\.6\.0$/m);
  assert.match(message, /^ {2}example\.org\/b unknown → 1\.0\.0$/m);
  assert.match(message, /^ {2}std 9\.2\.0 → 9\.1\.0$/m);
});

test("other content for the same versions is taken: a correction", async (t) => {
  const [folder, file] = [ownFolder(t), fileIn(t)];
  publish(folder, offsetsText({ std: [second] }));
  const versions = packagedOffsets ? JSON.parse(readFileSync(packagedOffsets, "utf8")).modules : {};
  const all = Object.fromEntries(
    Object.entries<{ versions: string[] }>(versions).map(([path, module]) => [path, module.versions]),
  );
  publish(folder, offsetsText({ ...all, std: [second] }));
  await update(offsetsSource(folder), file, never);
  const corrected = offsetsText({ ...all, std: [second] }, ["net/http.Request.Host"]);
  publish(folder, corrected);
  assert.equal((await update(offsetsSource(folder), file, never)).changed, true);
  assert.equal(readFileSync(file, "utf8"), corrected);
});

test("a disk that can't be written: the error names the file, nothing is left behind", async (t) => {
  const folder = ownFolder(t);
  publish(folder, text);
  writeFileSync(join(folder, "not-a-folder"), "");
  assert.match(
    await failureOf(offsetsSource(folder), join(folder, "not-a-folder/offsets.json")),
    /not-a-folder\/offsets\.json cannot be written: E(NOTDIR|EXIST)/,
  );
  const taken = join(folder, "taken/offsets.json");
  mkdirSync(join(taken, "inside"), { recursive: true });
  t.mock.method(process.stderr, "write", () => true);
  assert.match(await failureOf(offsetsSource(folder), taken), /cannot be written: /);
  assert.deepEqual(readdirSync(dirname(taken)), ["offsets.json"]);
});

test("what a crash left lying there isn't in the way", async (t) => {
  const [folder, file] = [ownFolder(t), fileIn(t)];
  publish(folder, text);
  mkdirSync(dirname(file), { recursive: true });
  symlinkSync("/etc/hostname", `${file}.${statSync("/proc/self/ns/pid").ino}.${process.pid}.new`);
  await update(offsetsSource(folder), file, never);
  assert.deepEqual(readdirSync(dirname(file)), ["offsets.json"]);
  assert.equal(statSync(file).isFile(), true);
});

test("a stop in the middle is no failure of the source", async (t) => {
  const stop = new AbortController();
  const url = await serve(t, () => stop.abort());
  const file = fileIn(t);
  await assert.rejects(update(offsetsSource(`${url}/offsets.json`), file, stop.signal), {
    name: "AbortError",
  });
});
