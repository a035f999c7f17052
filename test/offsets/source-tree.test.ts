// Fetching of sources for scripts/gen-offsets, from a module proxy on loopback.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { bytesFetched, SourceTree } from "../../scripts/offsets/source-tree.ts";
import { goCommand } from "../fixtures/go-binaries.ts";

const module = "golang.org/x/net";
const tag = "v0.35.0";

async function realZip(): Promise<Buffer> {
  const said = await goCommand("1.26.8", ["mod", "download", "-json", `${module}@${tag}`], { cwd: tmpdir() });
  return readFileSync((JSON.parse(said) as { Zip: string }).Zip);
}

async function proxy(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function tree(t: TestContext, url: string): SourceTree {
  const directory = mkdtempSync(join(tmpdir(), "sources-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return new SourceTree(url, directory, module, tag);
}

const files = (of: SourceTree): string[] =>
  readdirSync(of.directory, { recursive: true, encoding: "utf8" })
    .filter((each) => /\.(go|mod)$/.test(each))
    .sort();

test("takes the packages that are asked for out of parts of a zip", async (t) => {
  const zip = await realZip();
  const asked = new Set<string | undefined>();
  const url = await proxy(t, ({ url: path, headers: { range } }, response) => {
    asked.add(path);
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? [];
    const part = zip.subarray(Number(first), Number(last) + 1);
    response.writeHead(206, { "content-range": `bytes ${first}-${last}/${zip.length}` }).end(part);
  });
  const before = bytesFetched;
  const sources = tree(t, url);
  assert.equal(await sources.add([`${module}/http2`, `${module}/http2/absent`, "net/http", module]), true);
  assert.deepEqual([...asked], [`/${module}/@v/${tag}.zip`]);
  const found = files(sources);
  for (const each of ["go.mod", "http2/server.go"]) assert.ok(found.includes(each), each);
  assert.ok(
    found.every((each) => /^(go\.mod|http2\/\w+\.go)$/.test(each) && !each.endsWith("_test.go")),
    `${found}`,
  );
  assert.ok(bytesFetched - before < zip.length, `${bytesFetched - before} bytes of ${zip.length}`);
  assert.deepEqual(sources.lacking([`${module}/http2/absent`, `${module}/idna`]), [`${module}/idna`]);
});

test("takes the whole zip when the proxy gives no parts, and tries again when it is out of order", async (t) => {
  const zip = await realZip();
  let requests = 0;
  const url = await proxy(t, (_, response) => {
    requests++;
    if (requests === 1) response.writeHead(503).end();
    else response.end(zip);
  });
  const sources = tree(t, url);
  assert.equal(await sources.add([`${module}/http2`]), true);
  assert.ok(files(sources).includes("http2/server.go"));
  assert.equal(requests, 2);
});

test("says when a version is not published, and fails on what is no zip", async (t) => {
  const gone = await proxy(t, (_, response) => response.writeHead(410).end());
  assert.equal(await tree(t, gone).add([module]), false);
  const broken = await proxy(t, (_, response) => response.end("no zip"));
  await assert.rejects(tree(t, broken).add([module]), /not a valid zip file/);
});
