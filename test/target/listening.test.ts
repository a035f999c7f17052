import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { listeningAddresses, parseListening } from "../../src/target/listening.ts";

test("the lines of sockets that listen, of both versions", () => {
  const head =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
  const rest = "00000000:00000000 00:00000000 00000000     0        0";
  const text = [
    head,
    `   0: 0100007F:1F90 00000000:0000 0A ${rest} 111 1 0 100 0 0 10 0`,
    `   1: 0100007F:1F90 0100007F:C350 01 ${rest} 112 1 0 100 0 0 10 0`,
    `   2: 00000000000000000000000000000000:2382 00000000000000000000000000000000:0000 0A ${rest} 113 1`,
    `   3: B80D0120000000000000000001000000:0050 00000000000000000000000000000000:0000 0A ${rest} 114 1`,
    "   4: nonsense",
    `   5: 0100007F:XYZ 00000000:0000 0A ${rest} 115`,
  ].join("\n");
  assert.deepEqual(parseListening(text), [
    { address: "127.0.0.1:8080", inode: "111" },
    { address: "[::]:9090", inode: "113" },
    { address: "[2001:db8::1]:80", inode: "114" },
  ]);
});

test("a process's own sockets, not those of others", async (t) => {
  const server = createServer();
  t.after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  assert.ok(listeningAddresses(process.pid).includes(`127.0.0.1:${port}`));
  assert.ok(!listeningAddresses(process.ppid).includes(`127.0.0.1:${port}`));
  assert.deepEqual(listeningAddresses(4_194_300), []);
});
