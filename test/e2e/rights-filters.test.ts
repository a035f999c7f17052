// The capabilities are there, and something in front of the kernel refuses: it is named, and no capability is.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Capability } from "../../src/target/capabilities.ts";
import { repository } from "./support/agent.ts";
import { startCollector } from "./support/collector.ts";
import {
  agentUser,
  groundHere,
  LeastPrivilege,
  leftOpenConnectionsAlone,
  type Outcome,
  otherUser,
  requests,
  type TraceOptions,
} from "./support/least.ts";
import { freePorts } from "./support/process.ts";
import { type Profile, refusing, underProfile } from "./support/seccomp.ts";

const ground = groundHere();
const all: readonly Capability[] = [
  ...(["CAP_BPF", "CAP_PERFMON", "CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH", "CAP_NET_ADMIN"] as const),
  ...(ground.uprobeMulti ? [] : (["CAP_SYS_ADMIN"] as const)),
  ...(ground.lockedMemory ? (["CAP_SYS_RESOURCE"] as const) : []),
];

describe("filters", () => {
  const least = new LeastPrivilege();

  before(() => least.prepare());
  after(() => least.end());

  async function traceUnder(profile: Profile, options: TraceOptions = {}): Promise<Outcome> {
    const target = await least.target(otherUser);
    return await least.trace(target, agentUser, all, {
      wrapper: underProfile(profile, least.folder),
      ...options,
    });
  }

  function traced(outcome: Outcome): void {
    assert.equal(outcome.code, 0, outcome.stderr);
    assert.equal(outcome.spans, 4 * requests, outcome.stderr);
    assert.deepEqual(outcome.named, [], outcome.stderr);
  }

  function refused({ code, stderr, named }: Outcome, pattern: RegExp): void {
    assert.equal(code, 4, stderr);
    assert.match(stderr, pattern);
    assert.deepEqual(named, [], stderr);
  }

  for (const error of ["EPERM", "ENOSYS"] as const) {
    test(`bpf answered with ${error}: 4`, async () => {
      refused(
        await traceUnder(refusing(error, "bpf")),
        new RegExp(`system call bpf is refused\n.*seccomp filter answers ${error}`),
      );
    });

    test(`perf_event_open answered with ${error}: only kernels without uprobe_multi need it`, async () => {
      const outcome = await traceUnder(refusing(error, "perf_event_open"));
      if (ground.uprobeMulti) traced(outcome);
      else refused(outcome, new RegExp(`system call perf_event_open is refused\n.*answers ${error}`));
    });

    for (const call of ["pidfd_open", "pidfd_getfd"])
      test(`${call} answered with ${error}: connections that are open already are left alone`, async () => {
        const outcome = await traceUnder(refusing(error, call));
        traced(outcome);
        assert.match(
          outcome.stderr,
          new RegExp(`open before .*seccomp filter answers ${error} to the system call ${call}`),
        );
        leftOpenConnectionsAlone(outcome);
      });
  }

  test("process_vm_readv, ptrace and the like are not used", async () => {
    const calls = [
      "process_vm_readv",
      "process_vm_writev",
      "ptrace",
      "io_uring_setup",
      "setns",
      "unshare",
      "mount",
    ];
    const outcome = await traceUnder(refusing("EPERM", ...calls));
    traced(outcome);
    assert.equal(outcome.carried, 3 * requests, outcome.stderr);
  });

  test("root of a user namespace: 4", async () => {
    const target = await least.target(otherUser);
    const outcome = await least.trace(target, agentUser, all, {
      wrapper: ["unshare", "--user", "--map-root-user"],
    });
    refused(outcome, /user namespace/);
  });

  describe("deploy/seccomp.json", () => {
    const profile: Profile = JSON.parse(readFileSync(join(repository, "deploy", "seccomp.json"), "utf8"));

    function whole(outcome: Outcome): void {
      traced(outcome);
      assert.equal(outcome.carried, 3 * requests, outcome.stderr);
      assert.ok(outcome.adopted > 0, outcome.stderr);
    }

    test("spans in the terminal, with a config file that changes and a status address", async () => {
      const [port = 0] = await freePorts(1);
      const config = join(least.folder, "config.yaml");
      writeFileSync(config, "log_level: info\n");
      const outcome = await traceUnder(profile, {
        args: ["--config", config, "--status-address", `127.0.0.1:${port}`],
        during: async (agent) => {
          const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
          assert.match(metrics, /auto_instrument/);
          writeFileSync(config, "log_level: debug\n");
          agent.child.kill("SIGHUP");
          await agent.waitFor(/log.level/i);
        },
      });
      whole(outcome);
    });

    for (const protocol of ["http/protobuf", "grpc"] as const)
      test(`spans and metrics by ${protocol}`, async () => {
        const collector = await startCollector();
        const env = {
          OTEL_TRACES_EXPORTER: "otlp",
          OTEL_METRICS_EXPORTER: "otlp",
          OTEL_METRIC_EXPORT_INTERVAL: "500",
        };
        const endpoint = protocol === "grpc" ? collector.grpcEndpoint : collector.httpEndpoint;
        const args = ["--protocol", protocol, "--endpoint", endpoint.replace("127.0.0.1", "localhost")];
        whole(await traceUnder(profile, { args, env }));
        assert.equal((await collector.waitFor((spans) => spans.length >= 4 * requests)).length, 4 * requests);
        await collector.stop();
      });
  });
});
