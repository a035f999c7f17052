// Texts of /proc that a target, or who may name its files and cgroups, has a say in.
import { readFileSync } from "node:fs";
import { resourceOf } from "../../../src/spans/resource.ts";
import { loadBias, parseMappings } from "../../../src/target/mappings.ts";
import { parseEnvironment } from "../../../src/target/open.ts";
import { parseStat } from "../../../src/target/proc.ts";
import { bufferSubject, type Target } from "../support/target.ts";

const cgroup = `0::/kubepods.slice/kubepods-pod01234567_89ab_cdef_0123_456789abcdef.slice/cri-containerd-${"ab".repeat(32)}.scope
`;
const environment = [
  "PATH=/bin",
  "OTEL_SERVICE_NAME=shop",
  "OTEL_RESOURCE_ATTRIBUTES=service.version=1.2%2E3,k8s.pod.name=a%20b,x=%zz",
  "KUBERNETES_SERVICE_HOST=10.0.0.1",
  "POD_NAME=shop-1",
].join("\0");
const mountinfo = `30 20 0:1 /var/lib/docker/containers/${"cd".repeat(32)}/hostname /etc/hostname rw - ext4 x
`;
const segments = [{ address: 0x400000, fileOffset: 0, fileSize: 1 << 20, executable: true }];

export const target: Target = {
  name: "/proc",
  isRefusal: () => false,
  subjects: () => [
    bufferSubject(readFileSync("/proc/self/maps"), (bytes) => {
      const bias = loadBias(parseMappings(bytes.toString()), segments);
      if (Number.isNaN(bias)) throw new Error("a load bias of NaN");
    }),
    bufferSubject(readFileSync("/proc/self/stat"), (bytes) => void parseStat(bytes.toString("latin1"))),
    bufferSubject(Buffer.from([cgroup, environment, mountinfo].join("\x01")), (bytes) => {
      const [cgroup = "", environment = "", mountinfo = ""] = bytes.toString().split("\x01");
      resource(cgroup, environment, mountinfo);
    }),
  ],
};

function resource(cgroup: string, environment: string, mountinfo: string): void {
  const { attributes } = resourceOf({
    service: { name: undefined, version: undefined, environment: undefined, resourceAttributes: {} },
    target: {
      pid: 1,
      exePath: "/app/shop",
      startTime: 7n,
      environment: parseEnvironment(environment),
      cgroup,
    },
    buildInfo: undefined,
    host: { name: "host", bootId: "boot" },
    mountinfo,
  });
  for (const value of Object.values(attributes))
    if (String(value).length > 1024) throw new Error(`an attribute of ${String(value).length} characters`);
}
