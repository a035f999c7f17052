import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http, { type RequestListener } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

type Change = readonly [string, number | null];

/** The text of an offsets.json whose modules have these versions, and each field at 8 since the first of them. */
export function offsetsText(
  modules: Readonly<Record<string, readonly string[]>>,
  fields: readonly string[] = ["net/http.Request.Method"],
): string {
  const entries = Object.entries(modules).map(([path, versions]) => {
    const changes: readonly Change[] = [[versions[0] ?? "", 8]];
    return [path, { versions, fields: Object.fromEntries(fields.map((name) => [name, changes])) }];
  });
  return JSON.stringify({ schema: 1, modules: Object.fromEntries(entries) });
}

export function sumOf(content: string | Uint8Array, name = "offsets.json"): string {
  return `${createHash("sha256").update(content).digest("hex")}  ${name}\n`;
}

/** Puts an offsets.json and its checksum into the folder, and returns the path of the former. */
export function publish(folder: string, content: string | Uint8Array, sum = sumOf(content)): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "offsets.json"), content);
  writeFileSync(join(folder, "offsets.json.sha256"), sum);
  return join(folder, "offsets.json");
}

/** A folder of the test's own. */
export function ownFolder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "otel-go-auto-offsets-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A web server of the test's own; returns its URL, without a slash at the end. */
export async function serve(
  t: TestContext,
  answer: RequestListener,
  tls?: { readonly cert: Buffer; readonly key: Buffer },
): Promise<string> {
  const server = tls ? https.createServer(tls, answer) : http.createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http${tls ? "s" : ""}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A web server that has these files, by path; 404 for others. */
export function serveFiles(
  t: TestContext,
  files: Readonly<Record<string, string | Buffer>>,
): Promise<string> {
  return serve(t, ({ url = "" }, response) => {
    const content = files[new URL(url, "http://host").pathname];
    response.writeHead(content === undefined ? 404 : 200).end(content);
  });
}

/** The agent's log from here on. */
export function logOf(t: TestContext): () => string {
  let text = "";
  t.mock.method(process.stderr, "write", (line: string) => {
    text += line;
    return true;
  });
  return () => text;
}
