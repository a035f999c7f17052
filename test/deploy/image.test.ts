import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { isBalanced, readAccount } from "../e2e/support/agent.ts";
import type { ReceivedSpan } from "../e2e/support/collector.ts";
import { freePorts } from "../e2e/support/process.ts";
import { startContainer } from "./support/container.ts";
import { buildImage, type Image } from "./support/image.ts";
import { capabilities, createPod, type Pod } from "./support/pod.ts";

let pod: Pod;
before(async () => {
  pod = await createPod();
});
after(() => pod.close());

/** The first spans of a service, as soon as there are so many. */
async function spansOf(service: string, count: number): Promise<ReceivedSpan[]> {
  const own = (spans: readonly ReceivedSpan[]) =>
    spans.filter(({ resource }) => resource["service.name"] === service);
  return own(await pod.collector.waitFor((spans) => own(spans).length >= count));
}

/** Bytes that docs/deploy.md speaks of. */
const largest = 125 * 2 ** 20;

test("the image is small, has one architecture's native part, and no shell", () => {
  const { root } = pod.image;
  const size = Number(execFileSync("du", ["-sb", root], { encoding: "utf8" }).split("\t")[0]);
  assert.ok(size < largest, `${size} bytes`);
  const found = (pattern: string) => execFileSync("find", [root, "-path", pattern], { encoding: "utf8" });
  assert.equal(found("*/prebuilds/*.node").trim().split("\n").length, 1);
  assert.equal(found("*/bin/*sh"), "");
});

test("a sidecar that isn't root: spans, and trace context in what the program sends", async () => {
  const app = await pod.startApp();
  const agent = await pod.startAgent(app, { env: { OTEL_SERVICE_NAME: "shop" } });
  await agent.running.waitFor(/socket tier: on/, 30_000);
  assert.equal(await (await fetch(`${app.url}/proxied?case=sidecar`)).text(), "ok");
  const spans = await spansOf("shop", 2);
  const client = spans.find(({ kind }) => kind === "client");
  assert.deepEqual(spans.map(({ kind }) => kind).sort(), ["client", "server"]);
  assert.equal(client?.resource["process.executable.path"], "/app/server");
  assert.equal(
    pod.passedOn.get("/proxied?case=sidecar")?.traceparent,
    `00-${client?.traceId}-${client?.spanId}-01`,
  );
  assert.equal((await agent.stop()).code, 0);
  const account = readAccount(agent.running.stderr());
  assert.equal(account.exported, 2);
  assert.ok(isBalanced(account), account.line);
  await app.stop();
});

for (const { title, options, said } of [
  {
    title: "root without a right to more",
    options: { user: "0:0", noNewPrivileges: true },
    said: /attached to process/,
  },
  {
    title: "less than all capabilities",
    options: { capabilities: ["BPF", "PERFMON", "SYS_PTRACE"] },
    said: /socket tier: off.*CAP_NET_ADMIN is missing/,
  },
  { title: "no capability", options: { capabilities: [] }, said: /No permission to .*CAP_BPF/ },
  {
    title: "a user other than root without a right to more",
    options: { noNewPrivileges: true },
    said: /No permission to .*CAP_BPF/,
  },
] as const) {
  test(`started as ${title}`, async () => {
    const app = await pod.startApp();
    const agent = await pod.startAgent(app, { capabilities, ...options });
    await agent.running.waitFor(said, 30_000);
    await agent.stop();
    await app.stop();
  });
}

test("the health check asks the status server, and is content where there is none", async () => {
  const app = await pod.startApp();
  const [port, other] = await freePorts(2);
  const agent = await pod.startAgent(app, { env: { OTEL_GO_AUTO_STATUS_ADDRESS: `127.0.0.1:${port}` } });
  await agent.running.waitFor(/attached to process/, 30_000);
  const check = pod.image.healthcheck;
  assert.equal(agent.run(check), 0);
  assert.equal(agent.run(check, { OTEL_GO_AUTO_STATUS_ADDRESS: `:${port}` }), 0);
  assert.equal(agent.run(check, { OTEL_GO_AUTO_STATUS_ADDRESS: "" }), 0);
  assert.equal(agent.run(check, { OTEL_GO_AUTO_STATUS_ADDRESS: `127.0.0.1:${other}` }), 1);
  await agent.stop();
  await app.stop();
});

test("the OpenTelemetry operator's variables, and no arguments", async () => {
  const app = await pod.startApp();
  // What injectGoSDK and injectCommonSDKConfig of its internal/instrumentation make of deploy/kubernetes/operator.yaml.
  const agent = await pod.startAgent(app, {
    env: {
      OTEL_NODE_IP: "192.0.2.1",
      OTEL_POD_IP: "192.0.2.2",
      OTEL_GO_AUTO_TARGET_EXE: "/app/server",
      OTEL_SERVICE_NAME: "app",
      OTEL_EXPORTER_OTLP_ENDPOINT: pod.collector.httpEndpoint,
      OTEL_RESOURCE_ATTRIBUTES_POD_NAME: "app-5c9f-x7",
      OTEL_RESOURCE_ATTRIBUTES_NODE_NAME: "node-1",
      OTEL_PROPAGATORS: "tracecontext,baggage",
      OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
      OTEL_TRACES_SAMPLER_ARG: "1",
      OTEL_RESOURCE_ATTRIBUTES:
        "k8s.container.name=app,k8s.deployment.name=app,k8s.namespace.name=shop,k8s.node.name=node-1,k8s.pod.name=app-5c9f-x7,k8s.replicaset.name=app-5c9f,service.instance.id=shop.app-5c9f-x7.app,service.namespace=shop,service.version=1.0.0",
    },
  });
  await agent.running.waitFor(/attached to process/, 30_000);
  await fetch(`${app.url}/proxied?case=operator`);
  const [span] = await spansOf("app", 2);
  const expected = {
    "k8s.container.name": "app",
    "k8s.deployment.name": "app",
    "k8s.namespace.name": "shop",
    "k8s.node.name": "node-1",
    "k8s.pod.name": "app-5c9f-x7",
    "k8s.replicaset.name": "app-5c9f",
    "service.instance.id": "shop.app-5c9f-x7.app",
    "service.name": "app",
    "service.namespace": "shop",
    "service.version": "1.0.0",
  };
  assert.deepEqual({ ...span?.resource, ...expected }, span?.resource);
  await agent.stop();
  await app.stop();
});

describe("a program's image with the agent in it", () => {
  let wrapper: Image;
  before(async () => {
    const contexts = { "": pod.context, app: pod.app, "otel-go-auto": pod.image.root };
    wrapper = await buildImage("deploy/docker/Dockerfile.wrapper", contexts);
  });
  after(() => wrapper.remove());

  const startWrapped = (env: Readonly<Record<string, string>> = {}) =>
    startContainer({
      root: wrapper.root,
      overlay: wrapper.overlay,
      command: [...wrapper.entrypoint, ...wrapper.command, ...pod.appArguments],
      user: wrapper.user,
      capabilities,
      env: { PATH: process.env.PATH ?? "", OTEL_EXPORTER_OTLP_ENDPOINT: pod.collector.httpEndpoint, ...env },
    });
  const statusOf = (pid: number) => readFileSync(`/proc/${pid}/status`, "utf8");

  test("traces it from its first request, and hands signals and the exit code through", async () => {
    const container = await startWrapped({ OTEL_SERVICE_NAME: "wrapped" });
    const [, address] = await container.running.waitFor(/^listening (\S+) h1$/m, 30_000);
    await fetch(`http://${address}/proxied?case=wrapped`);
    const first = container.pid();
    const program = Number(
      readFileSync(`/proc/${first}/task/${first}/children`, "utf8").trim().split(" ")[0],
    );
    assert.match(statusOf(program), /^Name:\s+server$/m);
    for (const set of ["CapInh", "CapPrm", "CapEff", "CapAmb"])
      assert.match(statusOf(program), new RegExp(`^${set}:\\s+0+$`, "m"));
    assert.deepEqual(await container.stop("SIGTERM"), { code: 128 + 15, signal: null });
    const spans = await spansOf("wrapped", 2);
    assert.deepEqual(spans.map(({ kind }) => kind).sort(), ["client", "server"]);
  });

  test("starts it alone when no traces are wanted", async () => {
    const container = await startWrapped({ OTEL_GO_AUTO_INSTRUMENTATION_ENABLED: "false" });
    await container.running.waitFor(/^listening/m, 30_000);
    assert.match(statusOf(container.pid()), /^Name:\s+server$/m);
    await container.stop("SIGKILL").catch(() => {});
  });
});
