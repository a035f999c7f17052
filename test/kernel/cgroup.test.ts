import assert from "node:assert/strict";
import { test } from "node:test";
import { cgroupDirectories, cgroupOf } from "../../src/kernel/cgroup.ts";

const mounts = (...lines: string[]) => lines.join("\n");
const host = "29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate";
const hybrid = mounts(
  "30 29 0:27 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids",
  "31 29 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
);
const container = "501 499 0:26 /../../pod1/agent /sys/fs/cgroup ro - cgroup2 cgroup rw";
const hostInContainer = "502 499 0:26 /../../../.. /host/cgroup\\040fs rw - cgroup2 cgroup rw";

test("the cgroup2 of a process", () => {
  assert.equal(cgroupOf("0::/system.slice/shop.service\n"), "/system.slice/shop.service");
  assert.equal(cgroupOf("4:memory:/a\n1:cpu:/b\n0::/\n"), "/");
  assert.equal(cgroupOf("0::/gone (deleted)\n"), "/gone");
  assert.equal(cgroupOf("4:memory:/a\n1:name=systemd:/b\n"), undefined);
  assert.equal(cgroupOf(""), undefined);
});

for (const [cgroup, mountinfo, expected] of [
  ["/", host, ["/sys/fs/cgroup"]],
  ["/system.slice/shop.service", host, ["/sys/fs/cgroup/system.slice/shop.service"]],
  ["/", hybrid, ["/sys/fs/cgroup/unified"]],
  ["/a/b", mounts("1 1 0:1 /a /mnt/a rw - cgroup2 x rw", host), ["/mnt/a/b", "/sys/fs/cgroup/a/b"]],
  ["/ab", "1 1 0:1 /a /mnt/a rw - cgroup2 x rw", []],
  // Seen from a cgroup namespace: what is above it can be reached through a mount of what is above it.
  ["/../shop", container, []],
  ["/../../pod1/agent/x", container, ["/sys/fs/cgroup/x"]],
  ["/../../../../pods/shop", hostInContainer, ["/host/cgroup fs/pods/shop"]],
  ["/../../../../../x", hostInContainer, []],
  ["/x", "", []],
  ["/x", "broken line\n - \n1 2 3 - cgroup2", []],
] as const) {
  test(`${cgroup} in ${mountinfo.slice(0, 60)}`, () => {
    assert.deepEqual(cgroupDirectories(cgroup, mountinfo), expected);
  });
}
