import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { version } from "../../src/report/version.ts";
import { readHost } from "../../src/spans/host.ts";
import { type ResourceFacts, resourceOf } from "../../src/spans/resource.ts";

const nothingSaid = { name: undefined, version: undefined, environment: undefined, resourceAttributes: {} };
const goVersion = { text: "go1.26.8", major: 1, minor: 26, patch: 8 };
const id = "0123456789abcdef".repeat(4);

interface Change {
  service?: Partial<ResourceFacts["service"]>;
  environment?: Record<string, string>;
  cgroup?: string;
  mountinfo?: string;
  exePath?: string;
  pid?: number;
  startTime?: bigint;
  mainVersion?: string;
}

function attributesOf(change: Change = {}) {
  return resourceOf({
    service: { ...nothingSaid, ...change.service },
    target: {
      pid: change.pid ?? 4711,
      exePath: change.exePath ?? "/app/shop",
      startTime: change.startTime ?? 123_456n,
      environment: new Map(Object.entries(change.environment ?? {})),
      cgroup: change.cgroup ?? "0::/user.slice\n",
    },
    buildInfo: { goVersion, main: { path: "example.com/shop", version: change.mainVersion ?? "(devel)" } },
    host: { name: "web-1", bootId: "a9f1c5f8-3f6e-4a8e-9d5c-1c1f6a5e7b11" },
    mountinfo: change.mountinfo ?? "",
  }).attributes;
}

test("what is found out without anybody saying anything", () => {
  const { "service.instance.id": instance, ...attributes } = attributesOf();
  assert.match(String(instance), /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual(attributes, {
    "service.name": "shop",
    "process.pid": 4711,
    "process.executable.name": "shop",
    "process.executable.path": "/app/shop",
    "process.runtime.name": "go",
    "process.runtime.version": "go1.26.8",
    "host.name": "web-1",
    "telemetry.sdk.name": "opentelemetry",
    "telemetry.sdk.language": "go",
    "telemetry.sdk.version": version,
    "telemetry.distro.name": "otel-go-auto",
    "telemetry.distro.version": version,
  });
});

describe("service.name", () => {
  const own = { resourceAttributes: { "service.name": "our list" } };
  const target = { OTEL_SERVICE_NAME: "its variable", OTEL_RESOURCE_ATTRIBUTES: "service.name=its%20list" };
  const cases: [string, Change][] = [
    ["our name", { service: { ...own, name: "our name" }, environment: target }],
    ["our list", { service: own, environment: target }],
    ["its variable", { environment: target }],
    ["its list", { environment: { OTEL_RESOURCE_ATTRIBUTES: target.OTEL_RESOURCE_ATTRIBUTES } }],
    ["its list", { environment: { ...target, OTEL_SERVICE_NAME: "" } }],
    ["unknown_service:go", { exePath: "" }],
  ];
  for (const [expected, change] of cases) {
    test(`${expected}: ${JSON.stringify(change)}`, () =>
      assert.equal(attributesOf(change)["service.name"], expected));
  }
});

test("service.version: told, else that of the main module", () => {
  assert.equal(attributesOf({ mainVersion: "v1.4.0" })["service.version"], "v1.4.0");
  assert.equal(attributesOf({ mainVersion: "(devel)" })["service.version"], undefined);
  assert.equal(attributesOf({ mainVersion: "v1.4.0", service: { version: "2" } })["service.version"], "2");
  assert.equal(
    attributesOf({ mainVersion: "v1.4.0", environment: { OTEL_SERVICE_VERSION: "3" } })["service.version"],
    "3",
  );
});

test("deployment.environment.name from us, else from the target", () => {
  const environment = { OTEL_DEPLOYMENT_ENVIRONMENT: "staging" };
  assert.equal(attributesOf({ environment })["deployment.environment.name"], "staging");
  const told = attributesOf({ environment, service: { environment: "prod" } });
  assert.equal(told["deployment.environment.name"], "prod");
});

describe("the target's OTEL_RESOURCE_ATTRIBUTES", () => {
  const listed = (list: string) => attributesOf({ environment: { OTEL_RESOURCE_ATTRIBUTES: list } });
  test("is percent-decoded", () => {
    assert.equal(listed("team=a%2Cb, region=eu%20west").team, "a,b");
    assert.equal(listed("team=a%2Cb, region=eu%20west").region, "eu west");
  });
  test("counts for nothing when a part of it is wrong", () => {
    for (const list of ["team=a,%zz=b", "team=a,b", "team=a,x=%"])
      assert.equal(listed(list).team, undefined, list);
  });
  test("is bounded", () => {
    const many = Array.from({ length: 5000 }, (_, i) => `k${i}=v`).join(",");
    assert.ok(Object.keys(listed(many)).length < 100);
    assert.equal(String(listed(`team=${"x".repeat(100_000)}`).team).length, 1024);
  });
});

describe("service.instance.id", () => {
  const instance = (change: Change = {}) => attributesOf(change)["service.instance.id"];
  test("is the same for the same process", () =>
    assert.equal(instance(), instance({ service: { name: "other" } })));
  test("is another for another process", () => {
    assert.notEqual(instance(), instance({ pid: 4712 }));
    assert.notEqual(instance(), instance({ startTime: 123_457n }));
  });
});

describe("container.id", () => {
  const cases: Record<string, { cgroup: string; mountinfo?: string; expected: string | undefined }> = {
    "docker, cgroup v1": { cgroup: `12:pids:/docker/${id}\n1:name=systemd:/docker/${id}\n`, expected: id },
    "docker, cgroup v2": { cgroup: `0::/system.slice/docker-${id}.scope\n`, expected: id },
    containerd: {
      cgroup: `0::/kubepods.slice/kubepods-besteffort.slice/cri-containerd-${id}.scope\n`,
      expected: id,
    },
    "CRI-O": { cgroup: `0::/kubepods/crio-${id}.scope\n`, expected: id },
    podman: { cgroup: `0::/user.slice/libpod-${id}.scope\n`, expected: id },
    "seen from a sidecar": { cgroup: `0::/../${id}\n`, expected: id },
    Fargate: {
      cgroup:
        "1:name=systemd:/ecs/c1f0f9d3a2b94e1f8c7d6e5f4a3b2c1d/c1f0f9d3a2b94e1f8c7d6e5f4a3b2c1d-3054012820\n",
      expected: "c1f0f9d3a2b94e1f8c7d6e5f4a3b2c1d-3054012820",
    },
    "path hidden by a namespace": {
      cgroup: "0::/\n",
      mountinfo: `700 690 8:1 /var/lib/docker/containers/${id}/hostname /etc/hostname rw,relatime - ext4 /dev/sda1 rw\n`,
      expected: id,
    },
    "the pod's sandbox is not the container": {
      cgroup: "0::/\n",
      mountinfo: `700 690 8:1 /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/${id}/hostname /etc/hostname rw - ext4 /dev/sda1 rw\n`,
      expected: undefined,
    },
    "no container": { cgroup: "0::/user.slice/user-0.slice/session-1.scope\n", expected: undefined },
    nothing: { cgroup: "", expected: undefined },
  };
  for (const [name, { expected, ...change }] of Object.entries(cases)) {
    test(name, () => assert.equal(attributesOf(change)["container.id"], expected));
  }
});

describe("k8s.*", () => {
  const uid = "0f3d2a9c-1b2c-4d5e-8f90-a1b2c3d4e5f6";
  test("uid from the cgroup, with and without systemd", () => {
    for (const cgroup of [
      `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid.replaceAll("-", "_")}.slice/cri-containerd-${id}.scope`,
      `11:cpu:/kubepods/burstable/pod${uid}/${id}`,
    ]) {
      const attributes = attributesOf({ cgroup });
      assert.equal(attributes["k8s.pod.uid"], uid);
      assert.equal(attributes["container.id"], id);
    }
  });
  test("names from variables, only in a cluster", () => {
    const environment = {
      POD_NAME: "shop-7d9f",
      POD_NAMESPACE: "prod",
      NODE_NAME: "node-3",
      CONTAINER_NAME: "app",
    };
    assert.equal(attributesOf({ environment })["k8s.pod.name"], undefined);
    const attributes = attributesOf({ environment: { ...environment, KUBERNETES_SERVICE_HOST: "10.0.0.1" } });
    assert.equal(attributes["k8s.pod.name"], "shop-7d9f");
    assert.equal(attributes["k8s.namespace.name"], "prod");
    assert.equal(attributes["k8s.node.name"], "node-3");
    assert.equal(attributes["k8s.container.name"], "app");
  });
});

test("the host's own facts", () => {
  const { host, mountinfo } = readHost(process.pid);
  assert.match(host.bootId, /^[0-9a-f-]{36}$/);
  assert.notEqual(host.name, "");
  assert.match(mountinfo, / \/proc /);
  assert.equal(readHost(2 ** 22 + 1).mountinfo, "");
});
