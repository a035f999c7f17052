import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { loadConfig } from "../../src/config/load.ts";
import { openSources } from "../../src/config/sources.ts";
import { repository } from "../e2e/support/agent.ts";
import { validate } from "./support/dockerfile.ts";
import { capabilities } from "./support/pod.ts";

const compose = "deploy/docker-compose/compose.yaml";
const app = { APP_IMAGE: "shop:1", APP_EXE: "/app/server" };

test("Docker Compose reads compose.yaml", async () => {
  const [project] = (await validate("compose", [compose], app)) as [{ services: Record<string, unknown> }];
  const agent = project.services["otel-go-auto"] as Record<string, unknown>;
  assert.deepEqual(agent.cap_add, capabilities);
  assert.deepEqual(agent.cap_drop, ["ALL"]);
  assert.equal(agent.pid, "service:app");
  assert.equal(agent.mem_limit, String(128 << 20));
});

test("without the program's image compose.yaml says what it wants", async () => {
  await assert.rejects(validate("compose", [compose]), /the image of your Go program/);
});

interface KubernetesContainer {
  readonly name?: string;
  readonly restartPolicy?: string;
  readonly image?: string;
  readonly securityContext?: unknown;
  readonly resources?: { limits: Record<string, string> };
  readonly resourceRequirements?: { limits: Record<string, string> };
}

/** What the pods of all files have in common. */
const securityContext = {
  runAsNonRoot: true,
  runAsUser: 65532,
  readOnlyRootFilesystem: true,
  allowPrivilegeEscalation: true,
  capabilities: { drop: ["ALL"], add: capabilities },
  seccompProfile: { type: "RuntimeDefault" },
};

test("Kubernetes and the OpenTelemetry operator read their files", async () => {
  const names = ["sidecar", "native-sidecar", "operator"].map((name) => `deploy/kubernetes/${name}.yaml`);
  const [sidecar, native, operator] = (await validate("kubernetes", names)) as [
    [unknown, Deployment],
    [Deployment],
    [{ spec: { go: KubernetesContainer } }, Deployment],
  ];
  const agents = [
    sidecar[1].spec.template.spec.containers[1],
    native[0].spec.template.spec.initContainers?.[0],
    operator[0].spec.go,
  ];
  for (const agent of agents) {
    assert.match(agent?.image ?? "", /\/otel-go-auto:/);
    assert.deepEqual(agent?.securityContext, securityContext);
    assert.equal((agent?.resources ?? agent?.resourceRequirements)?.limits.memory, "128Mi");
  }
  assert.equal(agents[1]?.restartPolicy, "Always");
  for (const { spec } of [sidecar[1], native[0]])
    assert.equal(spec.template.spec.shareProcessNamespace, true);
});

interface Deployment {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly shareProcessNamespace?: boolean;
        readonly containers: readonly KubernetesContainer[];
        readonly initContainers?: readonly KubernetesContainer[];
      };
    };
  };
}

for (const { kind, file, from, to, said } of [
  { kind: "compose", file: compose, from: "cap_add", to: "capabilities", said: /capabilities/ },
  { kind: "compose", file: compose, from: "service:app", to: "service:shop", said: /shop/ },
  {
    kind: "kubernetes",
    file: "deploy/kubernetes/sidecar.yaml",
    from: "readOnlyRootFilesystem",
    to: "readOnlyRoot",
    said: /readOnlyRoot/,
  },
  {
    kind: "kubernetes",
    file: "deploy/kubernetes/sidecar.yaml",
    from: "runAsUser: 65532",
    to: "runAsUser: nobody",
    said: /runAsUser/,
  },
  {
    kind: "kubernetes",
    file: "deploy/kubernetes/sidecar.yaml",
    from: "port: otel-go-auto",
    to: "port: status",
    said: /no port status/,
  },
  {
    kind: "kubernetes",
    file: "deploy/kubernetes/operator.yaml",
    from: "resourceRequirements",
    to: "resources",
    said: /resources/,
  },
  {
    kind: "dockerfile",
    file: "deploy/docker/Dockerfile",
    from: "ENTRYPOINT [",
    to: "ENTRIPOINT [",
    said: /ENTRIPOINT/i,
  },
  {
    kind: "dockerfile",
    file: "deploy/docker/Dockerfile",
    from: " AS build",
    to: " as build",
    said: /FromAsCasing/,
  },
] as const) {
  test(`${file} with ${to} is refused`, async (t) => {
    const text = readFileSync(join(repository, file), "utf8");
    assert.ok(text.includes(from));
    const broken = join(tmpdir(), `otel-go-auto-${process.pid}-broken`);
    writeFileSync(broken, text.replaceAll(from, to));
    t.after(() => rmSync(broken));
    await assert.rejects(validate(kind, [broken], app), said);
  });
}

test("the agent takes the ConfigMap's file, and its live part is live", async (t) => {
  const [objects] = (await validate("kubernetes", ["deploy/kubernetes/sidecar.yaml"])) as [
    [{ data: Record<string, string> }],
  ];
  const file = join(tmpdir(), `otel-go-auto-${process.pid}-config.yaml`);
  writeFileSync(file, objects[0].data["config.yaml"] ?? "");
  t.after(() => rmSync(file));
  const sources = await openSources({ "--config": file, "--pid": "1" }, {});
  const { config } = loadConfig(sources.flags, sources.environment, sources);
  assert.deepEqual(config.live.sampler, { kind: "parentbased_traceidratio", ratio: 1 });
});

test("BuildKit reads all Dockerfiles", async () => {
  const files = ["docker/Dockerfile", "docker/Dockerfile.wrapper", "offsets-mirror/Dockerfile"];
  assert.equal(
    (
      await validate(
        "dockerfile",
        files.map((name) => `deploy/${name}`),
      )
    ).length,
    3,
  );
});
