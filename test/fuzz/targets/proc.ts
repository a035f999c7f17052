// Texts of /proc that a target, or who may name its files and cgroups, has a say in.
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
const maps = `00400000-00401000 r-xp 00000000 fe:00 4711 /app/shop
00600000-00700000 rw-p 00001000 fe:00 4711 /app/shop (deleted)
7f0000000000-7f0000001000 r-xp 00002000 00:2a 1234567 /usr/lib/lib\\012c.so.6
7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0 [stack]
`;
const stat = `4711 (abcdefghijklmno) S 1 4711 4711 0 -1 4194560 ${"0 ".repeat(12)}777 1000000 99 0 1 2 140700000000000 0`;
const segments = [{ address: 0x400000, fileOffset: 0, fileSize: 1 << 20, executable: true }];

export const target: Target = {
  name: "/proc",
  isRefusal: () => false,
  subjects: () => [
    bufferSubject(Buffer.from(maps), (bytes) => {
      const bias = loadBias(parseMappings(bytes.toString()), segments);
      if (Number.isNaN(bias)) throw new Error("a load bias of NaN");
    }),
    // The kernel writes the rest.
    bufferSubject(Buffer.from(stat, "latin1"), checkStat, [{ name: "command", offset: 6, size: 15 }]),
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

function checkStat(bytes: Buffer): void {
  const text = bytes.toString("latin1");
  // One that is cut off isn't the kernel's.
  if (text.length < stat.length) return;
  const { state, startTime, startStack } = parseStat(text);
  if (state !== "S" || startTime !== 777n || startStack !== "140700000000000")
    throw new Error(`${state} ${startTime} ${startStack}`);
}
