// The status server over real connections: its pages, and what it does with clients that mean no good.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, type TestContext, test } from "node:test";
import type { StatusPages } from "../../src/export/status-server.ts";
import { startStatusServer } from "../../src/export/status-server.ts";
import { UserError } from "../../src/report/user-error.ts";
import { until } from "./support/wait.ts";

async function start(context: TestContext, pages: Partial<StatusPages> = {}) {
  const server = await startStatusServer(
    { host: "127.0.0.1", port: 0 },
    { notReady: () => undefined, metrics: (format) => `in ${format}\n`, ...pages },
  );
  context.after(() => server.close());
  return server;
}

const portOf = (url: string) => Number(new URL(url).port);

/** Sends bytes, and gives all that comes back until the server ends the connection. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  let answer = "";
  socket.setEncoding("utf8").on("data", (chunk) => {
    answer += chunk;
  });
  socket.write(text);
  await once(socket, "close");
  return answer;
}

describe("status server", () => {
  test("healthy, ready and not ready", async (context) => {
    let reason: string | undefined = "waiting for a process that runs /app/\u001b[31mserver";
    const { url } = await start(context, { notReady: () => reason });
    const healthy = await fetch(`${url}/healthz`);
    assert.deepEqual([healthy.status, await healthy.text()], [200, "ok\n"]);
    const waiting = await fetch(`${url}/readyz`);
    assert.equal(waiting.status, 503);
    assert.equal(await waiting.text(), "not ready: waiting for a process that runs /app/�[31mserver\n");
    reason = undefined;
    const ready = await fetch(`${url}/readyz?verbose`);
    assert.deepEqual([ready.status, await ready.text()], [200, "ready\n"]);
  });

  test("over IPv6", async (context) => {
    const server = await startStatusServer(
      { host: "::1", port: 0 },
      { notReady: () => undefined, metrics: () => "" },
    ).catch(() => undefined);
    if (server === undefined) return context.skip("there is no IPv6 here");
    context.after(() => server.close());
    assert.match(server.url, /^http:\/\/\[::1\]:\d+$/);
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  });

  test("other paths and methods", async (context) => {
    const { url } = await start(context);
    const other = await fetch(`${url}/`);
    assert.equal(other.status, 404);
    assert.match(await other.text(), /healthz.*readyz.*metrics/);
    const head = await fetch(`${url}/healthz`, { method: "HEAD" });
    assert.deepEqual([head.status, head.headers.get("content-length"), await head.text()], [200, "3", ""]);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      const answer = await fetch(`${url}/metrics`, { method });
      assert.deepEqual([answer.status, answer.headers.get("allow")], [405, "GET, HEAD"], method);
    }
  });

  test("the format that the scraper likes best", async (context) => {
    const { url } = await start(context);
    const prometheus =
      "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
    for (const [accept, format, type] of [
      [prometheus, "openmetrics", "application/openmetrics-text; version=1.0.0; charset=utf-8"],
      ["application/openmetrics-text", "openmetrics", /openmetrics/],
      ["text/plain;version=0.0.4", "prometheus", "text/plain; version=0.0.4; charset=utf-8"],
      ["text/plain, application/openmetrics-text;q=0.5", "prometheus", /plain/],
      ["application/openmetrics-text;q=0", "prometheus", /plain/],
      ["text/html,*/*;q=0.8", "prometheus", /plain/],
      ["*/*", "prometheus", /plain/],
      [";;q=,,", "prometheus", /plain/],
    ] as const) {
      const answer = await fetch(`${url}/metrics`, { headers: { accept } });
      assert.equal(await answer.text(), `in ${format}\n`, accept);
      const found = answer.headers.get("content-type") ?? "";
      if (typeof type === "string") assert.equal(found, type);
      else assert.match(found, type);
    }
  });

  test("a page is made once for those who ask at the same time", async (context) => {
    let made = 0;
    const { url } = await start(context, { metrics: () => `${++made}\n` });
    for (let i = 0; i < 50; i++) await (await fetch(`${url}/metrics`)).text();
    assert.ok(made < 50, `${made} times`);
    await until2(async () => (await (await fetch(`${url}/metrics`)).text()) === `${made}\n` && made > 1);
  });

  test("a page that can't be made is an error of that page alone", async (context) => {
    const { url } = await start(context, {
      metrics: () => {
        throw new Error("secret");
      },
    });
    const answer = await fetch(`${url}/metrics`);
    assert.equal(answer.status, 500);
    assert.doesNotMatch(await answer.text(), /secret/);
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
  });

  test("requests that are none, headers without end, bodies", async (context) => {
    const port = portOf((await start(context)).url);
    assert.match(await raw(port, "hello\r\n\r\n"), /^HTTP\/1\.1 400 /);
    assert.match(
      await raw(port, `GET /healthz HTTP/1.1\r\nhost: a\r\nx: ${"y".repeat(9000)}\r\n\r\n`),
      / 431 /,
    );
    assert.match(await raw(port, `GET /${"y".repeat(9000)} HTTP/1.1\r\n`), / 431 /);
    // The connection ends, though the body that was announced never comes.
    assert.match(
      await raw(port, "GET /healthz HTTP/1.1\r\nhost: a\r\ncontent-length: 9999\r\n\r\n"),
      / 200 OK/,
    );
    assert.match(
      await raw(port, "POST /metrics HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"),
      / 405 /,
    );
  });

  test("clients that say nothing have to go", async (context) => {
    const { url } = await start(context);
    const sockets = Array.from({ length: 64 }, () => connect(portOf(url), "127.0.0.1"));
    let closed = 0;
    for (const socket of sockets)
      socket
        .resume()
        .on("close", () => closed++)
        .on("error", () => {});
    sockets[0]?.write("GET /healthz HTT");
    await until(() => closed >= 32, "the oldest have to go");
    assert.equal((await fetch(`${url}/healthz`)).status, 200, "whoever comes is answered beside the others");
    assert.ok(closed < 64);
    await until(() => closed === 64, "all others have to go");
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    for (const socket of sockets satisfies Socket[]) socket.destroy();
  });

  test("an address that can't be had", async (context) => {
    const { url } = await start(context);
    const refused = (address: { host: string; port: number }, code: number, words: RegExp) =>
      assert.rejects(
        startStatusServer(address, { notReady: () => undefined, metrics: () => "" }),
        (error) =>
          error instanceof UserError &&
          error.exitCode === code &&
          words.test(JSON.stringify(error.explanation)),
      );
    await refused({ host: "127.0.0.1", port: portOf(url) }, 1, /cannot listen on 127\.0\.0\.1:\d+.*already/);
    await refused({ host: "192.0.2.1", port: 0 }, 1, /no such address/);
    await refused({ host: "no-such-host.invalid", port: 0 }, 1, /no-such-host/);
  });
});

async function until2(condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await condition())) assert.ok(Date.now() < end);
}
