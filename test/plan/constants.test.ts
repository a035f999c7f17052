import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import test from "node:test";
import { promisify } from "node:util";
import { openGoBinary } from "../../src/binary/index.ts";
import type { GoBinary } from "../../src/binary/types.ts";
import type { Library } from "../../src/libraries/descriptor.ts";
import { planConstants } from "../../src/plan/constants.ts";
import { buildRpc, type rpcBuilds } from "../fixtures/go-binaries.ts";

const md = "google.golang.org/grpc/metadata.MD";
const newError = "*google.golang.org/grpc/internal/status.Error";
const oldError = "*google.golang.org/grpc/status.statusError";

const library: Library = {
  path: "none",
  name: "none",
  module: "std",
  since: "1.17",
  fields: {},
  maps: { header_map: md },
  itabs: {
    status_itab: { interface: ["example.com/absent.Error", "error"], concrete: [newError, oldError] },
    absent_itab: { interface: "error", concrete: ["*example.com/absent.Error"] },
  },
  types: { md_type: ["example.com/absent.MD", md], absent_type: ["example.com/absent.MD"] },
  probes: [],
};

function planned(binary: GoBinary, loadBias = 0): ReturnType<typeof planConstants> {
  return planConstants(binary, library, new Set(), { loadBias, offsets: () => [] });
}

/** What the running program says of itself: addresses by name. */
async function truthOf(path: string): Promise<Readonly<Record<string, number>>> {
  const running = promisify(execFile)(path);
  running.child.stdin?.end();
  return JSON.parse((await running).stdout);
}

const builds: readonly [keyof typeof rpcBuilds, readonly string[]][] = [
  ["1.14", []],
  ["1.40", ["-ldflags=-s -w"]],
  ["1.60", ["-ldflags=-s -w"]],
  ["newest", []],
  ["newest", ["-ldflags=-s -w"]],
];

for (const [version, flags] of builds)
  test(`types, itabs and maps are those of the running program: grpc ${version} ${flags}`, async () => {
    const path = await buildRpc(version, flags);
    const truth = await truthOf(path);
    const binary = openGoBinary(path);
    const { globals, findings } = planned(binary);
    binary.close();
    assert.equal(globals.get("md_type")?.readBigUInt64LE(), BigInt(truth[md] ?? 0));
    assert.equal(globals.get("status_itab")?.readBigUInt64LE(), BigInt(truth.error ?? 0));
    assert.ok(globals.has("header_map"));
    for (const absent of ["absent_itab", "absent_type"]) assert.ok(!globals.has(absent), absent);
    assert.equal(findings.itabs[0]?.interface, "error");
    assert.equal(findings.itabs[0]?.concrete, version === "1.14" ? oldError : newError);
    assert.deepEqual(
      findings.types.map(({ name, reason }) => [name, reason]),
      [
        [md, undefined],
        ["example.com/absent.MD", "not in this binary"],
      ],
    );
  });

test("a position-independent program has its types where its load bias moves them", async () => {
  const binary = openGoBinary(await buildRpc("newest", ["-buildmode=pie", "-ldflags=-s -w"]));
  const at = (bias: number, constant: string) =>
    planned(binary, bias).globals.get(constant)?.readBigUInt64LE();
  for (const constant of ["md_type", "status_itab"])
    assert.equal(at(0x7000_0000, constant), (at(0, constant) ?? 0n) + 0x7000_0000n);
  // A type's descriptor says its name, wherever it lies.
  assert.equal(binary.types.nameAt(Number(at(0, "md_type"))), md);
  binary.close();
});
