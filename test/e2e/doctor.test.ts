// What doctor says of real programs, before anything is attached to them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { buildGo } from "../fixtures/go-binaries.ts";
import { folder } from "../target/processes.ts";
import { repository, spawnAgent } from "./support/agent.ts";
import { type Collector, startCollector } from "./support/collector.ts";
import { buildKafka, newestKafka } from "./support/kafka.ts";
import { usual } from "./support/matrix.ts";
import { start, stopAll } from "./support/process.ts";
import { type Server, startServer } from "./support/server.ts";

interface Check {
  readonly id: string;
  readonly group: string;
  readonly status: string;
  readonly what: string;
  readonly why: string | null;
  readonly next: string | null;
}

const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

describe("doctor", () => {
  let collector: Collector;
  let server: Server;

  before(async () => {
    [collector, server] = await Promise.all([startCollector(), startServer(usual)]);
  });
  after(async () => {
    await collector?.stop();
    await stopAll();
  });

  async function doctor(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    wrapper: readonly string[] = [],
  ) {
    const running = spawnAgent(["doctor", "--json", ...args], env, wrapper);
    const { code } = await running.ended(60_000);
    const { checks }: { checks: readonly Check[] } = JSON.parse(running.stdout());
    return { code, of: (id: string) => checks.find((check) => check.id === id) };
  }

  test("a server and a collector: 0, with its libraries, service.name and tiers; nothing was attached", async () => {
    const pid = String(server.running.pid);
    const { code, of } = await doctor(["--pid", pid, "--endpoint", collector.httpEndpoint], {
      OTEL_SERVICE_NAME: "shop",
    });
    assert.equal(code, 0);
    assert.match(
      of("target.program")?.what ?? "",
      new RegExp(`^go${usual.go.replaceAll(".", "\\.")}, stripped$`),
    );
    assert.match(of("target.library.net/http/server")?.what ?? "", /^would be attached, \d+ probes/);
    assert.match(of("target.absent")?.what ?? "", /database\/sql/);
    assert.equal(of("target.service")?.what, "shop");
    for (const id of ["kernel.socket_tier", "kernel.write_tier"]) assert.ok(of(id), id);
    assert.equal(of("endpoint.traces")?.status, "ok");
    assert.deepEqual(await collector.spans(), []);
    // Probes show up as a mapping of the target: the kernel's area for single steps.
    assert.doesNotMatch(readFileSync(`/proc/${pid}/maps`, "utf8"), /uprobes/);
  });

  test("as many probes of each library as a run attaches, and none that only write context where that is off", async (t) => {
    const program = start(await buildKafka(newestKafka), ["-broker", "127.0.0.1:1"]);
    t.after(() => program.stop("SIGKILL"));
    await program.waitFor(/ready/);
    const args = ["--pid", String(program.pid)];
    const { of } = await doctor(args, { OTEL_TRACES_EXPORTER: "none" });
    const agent = spawnAgent(args, { OTEL_TRACES_EXPORTER: "none" });
    t.after(() => agent.stop("SIGKILL"));
    await agent.waitFor(/not in this program[\s\S]*tier: .*\n/, 60_000);
    const [, tier = ""] = /write tier: (on|off), Kafka messages/.exec(agent.stderr()) ?? [];
    const kafka = "github.com/segmentio/kafka-go";
    for (const [id, name] of [
      ["database/sql", "database/sql"],
      ["net/http/server", "net/http server"],
      [`${kafka}/consumer`, "kafka-go consumer"],
      [`${kafka}/producer`, "kafka-go producer"],
      [`${kafka}/producer/write`, "kafka-go producer's headers"],
    ]) {
      const [, attached] = new RegExp(`  ${name}: attached, (\\d+) probe`).exec(agent.stderr()) ?? [];
      const what = of(`target.library.${id}`)?.what ?? "";
      assert.equal(/^would be attached, (\d+) probe/.exec(what)?.[1], attached, `${name}: ${what}`);
    }
    assert.equal(of("target.messages")?.status, tier === "on" ? "ok" : "warning");
    const routes = of("target.library.net/http/servemux")?.what ?? "";
    assert.match(routes, /^would be ready: 1 probe, attached when a request needs it/);
  });

  test("gRPC at the collector's gRPC port: 0; HTTP there: 1, and what answers", async () => {
    const { host } = new URL(collector.grpcEndpoint);
    const good = await doctor(["--endpoint", host, "--protocol", "grpc"]);
    assert.deepEqual([good.code, good.of("endpoint.traces")?.status], [0, "ok"]);
    const wrong = await doctor(["--endpoint", host, "--protocol", "http/json"]);
    assert.equal(wrong.code, 1);
    assert.match(wrong.of("endpoint.traces")?.next ?? "", /--protocol grpc/);
    const other = await doctor(["--endpoint", new URL(collector.httpEndpoint).host, "--protocol", "grpc"]);
    assert.equal(other.code, 1);
    assert.match(other.of("endpoint.traces")?.next ?? "", /--protocol http\/protobuf/);
  });

  test("rules that can't be met: a warning, with the reason of each; those that can: none", async (t) => {
    const pid = ["--pid", String(server.running.pid)];
    const found = async (functions: readonly string[]) => {
      const config = join(folder(t), "rules.yaml");
      writeFileSync(config, `rules: [${functions.map((each) => `{ function: ${each} }`).join(", ")}]`);
      const { code, of } = await doctor([...pid, "--config", config], { OTEL_TRACES_EXPORTER: "none" });
      assert.equal(code, 0);
      return of("target.library.rules");
    };
    const good = await found(["main.main"]);
    assert.equal(good?.status, "ok");
    const none = await found(["main.main, process: other", "main.main, process: /srv/other"]);
    const others = "the config file's rules are for other executables: other, /srv/other";
    assert.deepEqual([none?.status, none?.what], ["ok", `not attached, ${others}`]);
    const half = await found(["main.main", "main.nowhere"]);
    assert.equal(half?.status, "warning");
    assert.equal(half.what, good.what);
    assert.match(
      half.why ?? "",
      /^without main\.nowhere \(rule in line 1\): the program has no such function/,
    );
  });

  test("an executable that a process runs now is found", async () => {
    const exe = server.running.child.spawnfile;
    const { code, of } = await doctor([], { OTEL_GO_AUTO_TARGET_EXE: exe, OTEL_TRACES_EXPORTER: "none" });
    assert.equal(code, 0);
    assert.equal(of("target.process")?.group, `process ${server.running.pid}`);
  });

  test("a Go program without anything to trace: 6; all libraries disabled: 6", async () => {
    const source = join(repository, "test", "e2e", "programs", "without-http");
    const program = start(await buildGo({ go: usual.go, source }), []);
    await program.waitFor(/ready/);
    for (const args of [
      ["--pid", String(program.pid)],
      ["--pid", String(server.running.pid), "--disable", "net/http"],
    ]) {
      const { code, of } = await doctor(args, { OTEL_TRACES_EXPORTER: "none" });
      assert.equal(code, 6);
      assert.match(of("target.libraries")?.what ?? "", /Nothing to instrument/);
    }
  });

  test("as nobody: 4, and each missing capability by its name", { skip: cannotBeNobody() }, async () => {
    const { code, of } = await doctor(
      ["--pid", String(server.running.pid)],
      { OTEL_TRACES_EXPORTER: "none" },
      nobody,
    );
    assert.equal(code, 4);
    for (const name of ["CAP_BPF", "CAP_PERFMON"]) {
      assert.equal(of(`rights.${name}`)?.status, "problem");
      assert.match(of(`rights.${name}`)?.next ?? "", new RegExp(name));
    }
    assert.equal(of("target.process")?.status, "problem");
  });

  test("in a user namespace of its own, where capabilities count for nothing: 4", async () => {
    const { code, of } = await doctor([], { OTEL_TRACES_EXPORTER: "none" }, [
      "unshare",
      "--user",
      "--map-root-user",
    ]);
    assert.equal(code, 4);
    assert.equal(of("rights.user_namespace")?.status, "problem");
    assert.equal(of("kernel.programs")?.status, "problem");
  });

  test("alone in a PID namespace: 3", async () => {
    const { code, of } = await doctor([], { OTEL_TRACES_EXPORTER: "none" }, [
      "unshare",
      "--pid",
      "--fork",
      "--mount-proc",
    ]);
    assert.equal(code, 3);
    assert.match(of("place.processes")?.next ?? "", /shareProcessNamespace/);
  });
});

/** Why nobody can't be tried here: a checkout in a closed home directory, or a test that isn't root itself. */
function cannotBeNobody(): string | false {
  const [command = "", ...args] = nobody;
  const { status } = spawnSync(command, [...args, "test", "-r", join(repository, "package.json")]);
  return status !== 0 && "the user nobody can't read this checkout";
}
