// A target in which nothing happens is no riddle: what is watched, where it listens, and when it begins.
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { after, before, describe, test } from "node:test";
import { setLogLevel } from "../../src/report/log.ts";
import { type Watched, watchSilence } from "../../src/session/silence.ts";
import { captureLog } from "../export/support/log.ts";
import { until } from "../target/processes.ts";
import { startAgent } from "./support/agent.ts";
import { usual } from "./support/matrix.ts";
import { sleep, stopAll } from "./support/process.ts";
import { type Server, startServer } from "./support/server.ts";

describe("an idle server", () => {
  let server: Server;

  before(async () => {
    server = await startServer(usual);
  });
  after(stopAll);

  test("after 30 s its functions and addresses are named, and the first request after that is", async () => {
    const agent = await startAgent({ pid: server.running.pid, env: { OTEL_TRACES_EXPORTER: "none" } });
    await agent.running.waitFor(/nothing to trace has happened in process \d+ for 30 s/, 90_000);
    const said = agent.stderr();
    assert.match(said, /net\/http\.serverHandler\.ServeHTTP/);
    assert.match(said, new RegExp(`this one listens on .*127\\.0\\.0\\.1:${server.ports.h1}`));
    assert.match(said, / {2}still works: .*\n.* {2}next: .*http:\/\/127/);
    assert.doesNotMatch(said, /first call of/);
    await fetch(`http://127.0.0.1:${server.ports.h1}/plain`);
    await agent.running.waitFor(/first call of net\/http server seen/, 30_000);
    const { code } = await agent.stop();
    assert.equal(code, 0);
    assert.equal(agent.stderr().match(/nothing to trace has happened/g)?.length, 1);
  });
});

describe("the watch over a target's silence", () => {
  const lines = captureLog();
  let nextPid = 4_190_000;

  /** A watch of its own, and the lines about its pid. */
  function start(libraries: readonly { name: string; hits: number }[], more: Partial<Watched> = {}) {
    const pid = nextPid++;
    const stop = watchSilence(
      {
        pid,
        libraries: libraries.map((library) => ({
          name: library.name,
          functions: [`${library.name}.Start`, `${library.name}.Other`],
          hits: () => library.hits,
        })),
        notTraced: [],
        profile: false,
        ...more,
      },
      50,
    );
    return { stop, said: () => lines.filter((line) => line.includes(`process ${pid}`)) };
  }

  test("several libraries: one function of each is named first; a profile and other modules are causes", async (t) => {
    const libraries = ["a", "b", "c", "d"].map((name) => ({ name, hits: 0 }));
    const { stop, said } = start(libraries, { notTraced: ["example.com/fast"], profile: true });
    t.after(stop);
    await until(() => said().length > 0);
    assert.match(said()[0] ?? "", /\(a\.Start, b\.Start, c\.Start, d\.Start, a\.Other, 3 more\)/);
    assert.match(said()[0] ?? "", /it holds example\.com\/fast, which is not traced/);
    assert.match(said()[0] ?? "", /PGO/);
    (libraries[1] as { hits: number }).hits = 1;
    await until(() => said().length > 1);
    assert.match(said()[1] ?? "", /first call of b seen/);
    await sleep(50);
    assert.equal(said().length, 2);
  });

  test("a command is named for each kind of server, and none where there is none", async (t) => {
    const listener = createServer().listen(0, "127.0.0.1");
    t.after(() => listener.close());
    await once(listener, "listening");
    const { address, port } = listener.address() as AddressInfo;
    const heard = async (tryOuts: readonly ((address: string) => string)[]) => {
      const before = lines.length;
      const libraries = [undefined, ...tryOuts].map((tryOut) => ({
        name: "a",
        functions: ["a.Start"],
        hits: () => 0,
        tryOut,
      }));
      const stop = watchSilence({ pid: process.pid, libraries, notTraced: [], profile: false }, 50);
      t.after(stop);
      await until(() => lines.length > before);
      return lines.slice(before).join("\n");
    };
    assert.match(
      await heard([(at) => `curl http://${at}/`, (at) => `grpcurl ${at} list`]),
      new RegExp(
        `next: send it a request, for example: curl http://${address}:${port}/, or grpcurl ${address}:${port} list`,
      ),
    );
    assert.match(await heard([]), /next: make the program do what it is there for/);
  });

  test("who is called in time hears nothing, unless every detail is wanted", async (t) => {
    const libraries = [
      { name: "a", hits: 3 },
      { name: "b", hits: 0 },
    ];
    const quiet = start(libraries);
    t.after(quiet.stop);
    await sleep(300);
    assert.deepEqual(quiet.said(), []);
    setLogLevel("debug");
    t.after(() => setLogLevel("info"));
    const detailed = start(libraries);
    t.after(detailed.stop);
    await until(() => detailed.said().length > 0);
    assert.equal(detailed.said().length, 1);
    assert.match(
      detailed.said()[0] ?? "",
      /debug: .*b is watched and has not been called yet \(b\.Start, b\.Other\)/,
    );
  });

  test("after the end of the session nothing is said", async () => {
    const { stop, said } = start([{ name: "a", hits: 0 }]);
    stop();
    await sleep(300);
    assert.deepEqual(said(), []);
  });
});
