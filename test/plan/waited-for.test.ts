import assert from "node:assert/strict";
import { test } from "node:test";
import { openGoBinary } from "../../src/binary/index.ts";
import { libraries } from "../../src/generated/registry.ts";
import { planProbes, planReturns } from "../../src/plan/probes.ts";
import { buildRpc } from "../fixtures/go-binaries.ts";

test("where the end of a function that is only waited for has no place, nothing is begun", async (t) => {
  const binary = openGoBinary(await buildRpc("1.60"));
  t.after(() => binary.close());
  const library = libraries.find(({ path }) => path === "google.golang.org/grpc/server");
  assert.ok(library);
  const returns = new Map(planReturns(binary, [library]));
  assert.equal(planProbes(binary, library, returns).refusal, undefined);
  for (const [probe, found] of returns) if (!("reason" in found)) returns.set(probe, { ...found, sites: [] });
  assert.match(planProbes(binary, library, returns).refusal ?? "", /^end: /);
});
