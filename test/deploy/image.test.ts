import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { isBalanced, readAccount } from "../e2e/support/agent.ts";
import { capabilities, createPod, type Pod } from "./support/pod.ts";

let pod: Pod;
before(async () => {
  pod = await createPod();
});
after(() => pod.close());

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
  const ours = () =>
    pod.collector.spans().then((spans) => spans.filter((span) => span.resource["service.name"] === "shop"));
  await pod.collector.waitFor(
    (spans) => spans.filter((span) => span.resource["service.name"] === "shop").length === 2,
  );
  const spans = await ours();
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
