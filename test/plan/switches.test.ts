// Where the booleans of OpenTelemetry's API are: programs without symbols tell by their code what symbols say.
import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { openGoBinary } from "../../src/binary/index.ts";
import type { GoBinary } from "../../src/binary/types.ts";
import { library as autoSdk } from "../../src/libraries/go.opentelemetry.io/auto/sdk/index.ts";
import { library as otelTrace } from "../../src/libraries/go.opentelemetry.io/otel/trace/index.ts";
import { planSwitches } from "../../src/plan/switches.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { apiBuilds, apiFolder } from "../libraries/go.opentelemetry.io/program.ts";

const source = join(apiFolder, "app");
const stripped = "-ldflags=-s -w";

for (const arch of ["amd64", "arm64"])
  for (const build of [apiBuilds["1.33"], apiBuilds["1.35"], apiBuilds.newest])
    test(`otel ${build.otel}, ${arch}: the code says what the symbols say`, async () => {
      const flags = build.flags.filter((flag) => flag !== stripped);
      const bySymbols = await switchesOf(build.go, flags, arch);
      const byCode = await switchesOf(build.go, flags, arch, (binary) =>
        Object.create(binary, { symbols: { value: () => [] } }),
      );
      assert.equal(byCode.addresses.length, build === apiBuilds["1.33"] ? 1 : 2);
      assert.deepEqual(byCode, { addresses: bySymbols.addresses, without: [] });
    });

test("a position-independent program, and one with the API alone, whose tracers have no switch", async () => {
  const { go, flags } = apiBuilds.newest;
  const pie = await switchesOf(go, [...flags, "-buildmode=pie"], "amd64");
  assert.equal(pie.addresses.length, 2);
  const old = await switchesOf(apiBuilds["1.32"].go, apiBuilds["1.32"].flags, "amd64");
  assert.deepEqual(old, { addresses: [], without: [] });
});

async function switchesOf(
  go: string,
  flags: readonly string[],
  arch: string,
  seen: (binary: GoBinary) => GoBinary = (binary) => binary,
) {
  const binary = openGoBinary(
    await buildGo({ go, source, flags: ["-p=1", ...flags], env: { GOARCH: arch } }),
  );
  try {
    const found = [autoSdk, otelTrace].map((library) => planSwitches(seen(binary), library));
    return {
      addresses: found.flatMap(({ addresses }) => addresses),
      without: found.flatMap(({ without }) => without),
    };
  } finally {
    binary.close();
  }
}
