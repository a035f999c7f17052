import assert from "node:assert/strict";
import { test } from "node:test";
import { SocketTier } from "../../src/kernel/index.ts";
import { library as grpc } from "../../src/libraries/google.golang.org/grpc/client/socket/index.ts";
import { library as http } from "../../src/libraries/net/http/client/index.ts";
import type { Attachment } from "../../src/plan/types.ts";
import { OutgoingContext } from "../../src/session/outgoing-context.ts";
import type { Target } from "../../src/target/target.ts";

const target = { pid: process.pid, cgroup: "0::/" } as Target;
const attached = [http, grpc].map((library) => ({
  status: "attach",
  library,
  programs: library.probes.map(({ program }) => ({ program, sites: [{}] })),
})) as unknown as readonly Attachment[];

/** What is said when only these could be attached. */
function said(...names: readonly string[]) {
  const outgoing = new OutgoingContext(target, attached, { propagators: ["tracecontext"] } as never);
  try {
    const kernel = { map: () => undefined, has: (name: string) => names.includes(name) };
    outgoing.start(kernel);
    return outgoing.words();
  } finally {
    outgoing.close();
  }
}

test("the socket tier names what it carries: nothing whose programs could not be attached", () => {
  assert.match(
    said(http.name, grpc.name).socket ?? "",
    /on, plaintext HTTP\/1 requests and gRPC calls carry/,
  );
  assert.match(said(http.name).socket ?? "", /on, plaintext HTTP\/1 requests carry/);
  assert.match(said(grpc.name).socket ?? "", /on, gRPC calls carry/);
  assert.match(said().socket ?? "", /off.*could not be attached/);
});

test("what a target leaves no text in takes no memory", () => {
  for (const used of [["outgoing_heads"], ["outgoing_frames"]] as const) {
    const tier = SocketTier.open(target, used);
    assert.ok(tier instanceof SocketTier, String(tier));
    const entries = (["outgoing_heads", "outgoing_frames"] as const).map(
      (name) => [name, tier.maps.get(name)?.info.maxEntries ?? 0] as const,
    );
    for (const [name, count] of entries)
      assert.equal(count > 1, name === used[0], `${name} of ${used}: ${count}`);
    tier.close();
  }
});
