// Libraries that the config file disables and enables in a running agent: none of their calls is lost.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { liveRun } from "./support/live-run.ts";
import { sleep } from "./support/process.ts";

describe("live settings: libraries", () => {
  const { call, start, write, said, spansOf, send, background, finish, settle } = liveRun();

  test("a library is disabled while its calls are under way, and enabled again: none is lost", async () => {
    const running = await start("sampling: {sampler: always_on}\n");
    await background();
    const [first, slow] = [await send(50), "slow"];
    const pending = Array.from({ length: 20 }, () => fetch(call(slow, "/never", "&timeout=1500")));
    await sleep(300);

    write("disable: [net/http/client]\nsampling: {sampler: always_on}\n");
    await said(/agent\.yaml: disabled: none → net\/http\/client$/);
    await said(/net\/http client: detached from process/);
    const second = await send(50);
    await Promise.all(pending);

    write("sampling: {sampler: always_on}\n");
    await said(/net\/http client: attached to process/);
    const third = await send(50);

    const kinds = async (mark: string, count: number) => {
      const spans = await spansOf(mark, count);
      return ["server", "client"].map((kind) => spans.filter((span) => span.kind === kind).length);
    };
    assert.deepEqual(await kinds(first, 100), [50, 50]);
    assert.deepEqual(await kinds(slow, 40), [20, 20], "calls that were under way");
    assert.deepEqual(await kinds(third, 100), [50, 50]);
    assert.equal(await settle(second, 50), 50, "its server's spans alone");
    const { account } = await finish();
    assert.equal(Object.keys(account.others).join(), "", account.line);
    const carried = [...running.stderr().matchAll(/ ([\d,]+) requests carried trace context/g)];
    assert.ok(carried.length >= 2 && carried.every(([, count]) => count !== "0"), running.stderr());
  });

  test("calls that don't end soon are cut off, and counted", async () => {
    await start("{}\n");
    const pending = Array.from({ length: 7 }, () => fetch(call("long", "/never", "&timeout=9000")));
    await sleep(500);
    write("disable: [http/client]\n");
    await said(
      /net\/http client: detached from process \d+; 7 that had not ended after 5 s are not traced to the end$/,
    );
    await Promise.all(pending);
    write("{}\n");
    await said(/net\/http client: attached to process/);
    const mark = await send(50);
    assert.equal((await spansOf(mark, 100)).length, 100);
    const servers = await spansOf("long", 7);
    assert.deepEqual(
      servers.map(({ kind }) => kind),
      Array(7).fill("server"),
    );
    const { account } = await finish();
    assert.equal(account.others["not traced to the end (library disabled meanwhile)"], 7, account.line);
  });

  test("a disabled name that no library has is warned of", async () => {
    await start("{}\n");
    write("disable: [htpt]\n");
    await said(/"htpt" is to be disabled, but names no library; did you mean http\?/);
    await finish();
  });

  test("enabled again while its calls still end: it goes on", async () => {
    await start("{}\n");
    const pending = fetch(call("kept", "/never", "&timeout=4000"));
    await sleep(500);
    write("disable: [http/client]\n");
    await said(/agent\.yaml: disabled: none → http\/client$/);
    write("{}\n");
    await said(/net\/http client: stays attached to process/);
    const mark = await send(50);
    assert.equal((await spansOf(mark, 100)).length, 100);
    await pending;
    assert.equal((await spansOf("kept", 2)).length, 2);
    await finish();
  });

  test("callers that were learned are known when the library comes back", async () => {
    await start("log_level: debug\n");
    const learned = await send(1, "&via=interface");
    await said(/calls from client\/calls\.do are traced from now on$/);
    const first = await send(20, "&via=interface");
    assert.equal((await spansOf(first, 40)).length, 40);
    write("log_level: debug\ndisable: [http/client]\n");
    await said(/net\/http client: detached from process/);
    write("log_level: debug\n");
    await said(/net\/http client: attached to process/);
    const second = await send(20, "&via=interface");
    assert.equal((await spansOf(second, 40)).length, 40);
    assert.equal((await spansOf(learned, 1)).length, 1);
    await finish();
  });

  test("disabled at the start, enabled later, with all that it brings", async () => {
    const agent = await start("disable: [net/http/client]\n");
    await agent.running.waitFor(/net\/http client: not attached, /);
    const first = await send(50);
    write("disable: []\n");
    await said(/net\/http client: attached to process/);
    const second = await send(50);
    const spans = await spansOf(second, 100);
    assert.equal(spans.length, 100);
    const servers = new Set(spans.filter(({ kind }) => kind === "server").map(({ spanId }) => spanId));
    const clients = spans.filter(({ kind }) => kind === "client");
    assert.ok(
      clients.every(({ parentSpanId }) => servers.has(parentSpanId)),
      "each is its request's child",
    );
    assert.equal(await settle(first, 50), 50);
    await finish();
    assert.match(agent.stderr(), /: 50 requests carried trace context/);
  });

  test("all that makes spans is disabled at the start: it waits, attaches nothing, and traces when it may", async () => {
    const agent = await start("disable: [net/http/server, net/http/client, database/sql]\n");
    await agent.running.waitFor(/nothing is traced in it until the config file enables a library/);
    const first = await send(20);
    write("disable: []\n");
    await said(/net\/http server: attached to process/);
    await said(/net\/http client: attached to process/);
    const second = await send(20);
    assert.equal((await spansOf(second, 40)).length, 40);
    assert.equal(await settle(first, 0), 0);
    const { account } = await finish();
    assert.equal(account.exported, 40, account.line);
  });
});
