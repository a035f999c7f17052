import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmdirSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { SocketTier } from "../../src/kernel/index.ts";
import { kernelOffsets } from "../../src/kernel/kernel-fields.ts";

const room = JSON.stringify(join(import.meta.dirname, "../../src/kernel/index.ts"));

/** What `SocketTier.open` says in a process that is started by this command. */
function openIn(command: readonly string[], target = "{ pid: process.pid, cgroup: '0::/' }"): string {
  const script = `import { SocketTier } from ${room};
    const tier = SocketTier.open(${target});
    console.log(typeof tier === "string" ? tier : "open");
    if (typeof tier !== "string") tier.close();`;
  const node = [process.execPath, "--import", "tsx", "--input-type=module", "-e", script];
  const [file = "", ...args] = [...command, ...node];
  return execFileSync(file, args, { encoding: "utf8" }).trim();
}

test("it opens and closes again and again, and leaves no program behind", () => {
  const programs = () =>
    execFileSync("bpftool", ["prog", "list"], { env: { PATH: `${process.env.PATH}:/usr/sbin` } })
      .toString()
      .match(/sk_msg|sock_ops|cgroup_sock_addr/g)?.length ?? 0;
  const before = programs();
  for (let round = 0; round < 20; round++) {
    const tier = SocketTier.open({ pid: process.pid, cgroup: "0::/" });
    assert.ok(tier instanceof SocketTier, String(tier));
    tier.start(["tracecontext"]);
    tier.close();
  }
  // Others may come and go meanwhile, but not twenty times four.
  assert.ok(programs() < before + 40);
});

test("of the open connections it takes over those that the process has opened itself", async (t) => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const sockets = await Promise.all(
    [1, 2, 3].map(async () => {
      const socket = connect(port, "127.0.0.1");
      await Promise.all([once(socket, "connect"), once(server, "connection")]);
      return socket;
    }),
  );
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const tier = SocketTier.open({ pid: process.pid, cgroup: "0::/" });
  assert.ok(tier instanceof SocketTier, String(tier));
  assert.deepEqual(tier.start(["tracecontext"]), { adopted: 3, failed: 0, refused: undefined });
  tier.close();
});

test("a target without a cgroup2, or with one that can't be seen", () => {
  assert.equal(SocketTier.open({ pid: process.pid, cgroup: "" }), "the target is in no cgroup of version 2");
  assert.match(
    String(SocketTier.open({ pid: process.pid, cgroup: "0::/../elsewhere" })),
    /cgroup \/\.\.\/elsewhere is below no cgroup2 mount of this agent/,
  );
});

test("a missing capability is named", () => {
  const dropped = ["net_admin", "sys_admin"].map((name) => `-${name}`).join();
  const said = openIn(["setpriv", `--bounding-set=${dropped}`, `--inh-caps=${dropped}`]);
  assert.match(said, /^CAP_NET_ADMIN is missing$/);
});

test("a field that the kernel does not have is named", () => {
  assert.equal(
    kernelOffsets({ a: ["task_struct", "files"], b: ["task_struct", "no_such_field"] }),
    "this kernel has no task_struct.no_such_field",
  );
  assert.equal(kernelOffsets({ a: ["no_such_struct", "x"] }), "this kernel has no no_such_struct.x");
  // A member of a struct in it that has no name.
  const offsets = kernelOffsets({ flags: ["sk_buff", "len"], cookie: ["sock_common", "skc_cookie"] });
  assert.ok(typeof offsets === "object" && offsets.cookie > 0);
});

test("a cgroup below the root", (t) => {
  const mount = execFileSync("findmnt", ["-n", "-o", "TARGET", "-t", "cgroup2"], { encoding: "utf8" });
  const folder = join(mount.trim().split("\n")[0] ?? "", "otel-go-auto-test");
  mkdirSync(folder);
  t.after(() => rmdirSync(folder));
  const tier = SocketTier.open({ pid: process.pid, cgroup: "0::/otel-go-auto-test" });
  assert.ok(tier instanceof SocketTier, String(tier));
  tier.close();
});
