// Spans that a program makes with OpenTelemetry's API and no SDK, in other kernels: trees as they were made, whole.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { decodeTraces } from "../e2e/support/otlp-json.ts";
import { buildGo } from "../fixtures/go-binaries.ts";
import { type ApiBuild, apiBuilds, buildApi } from "../libraries/go.opentelemetry.io/program.ts";
import { runInVm } from "./boot.ts";
import { selectedKernels } from "./kernels.ts";
import { setUp } from "./setup.ts";
import { treeBelow } from "./tree-below.ts";
import { assertVerified, buildVerifierLog } from "./verifier.ts";

const tests = join(import.meta.dirname, "..");
const rounds = 50;

/** Each path, and its tree: names, and below them those of the children in alphabetical order. */
const trees: Readonly<Record<string, unknown>> = {
  "/plain": { plain: {} },
  "/nested": { outer: { GET: {}, inner: { GET: {} }, second: {} } },
  "/goroutines": { outer: { "worker 0": { GET: {} }, "worker 1": { GET: {} }, "worker 2": { GET: {} } } },
  "/large?size=100000": { large: {} },
  "/everything": { everything: {} },
  "/current": { child: {} },
};
/** What programs with older versions can't do, or do without spans. */
const newerTrees = { "/context": { "by context": {} }, "/direct": { direct: {} } };

/** Up to 1.32 global tracers build no spans, and the agent takes them from the program's calls. */
const builds: readonly (ApiBuild & { readonly links: number; readonly trees: typeof trees })[] = [
  { ...apiBuilds["1.32"], links: 0, trees },
  { ...apiBuilds.newest, links: 1, trees: { ...trees, ...newerTrees } },
];

const kernels = selectedKernels("5.10,6.12,7.2,arm64-6.12");
setUp(kernels);

for (const kernel of kernels)
  for (const build of builds)
    test(`spans of a program's own on ${kernel.name}, OpenTelemetry API ${build.otel}`, async (t) => {
      const env = { GOARCH: kernel.arch };
      const flags = ["-trimpath", "-ldflags=-s -w"];
      const [program, collector, preload] = await Promise.all([
        buildApi(build, env),
        buildGo({ go: "1.26.8", source: join(tests, "collector"), flags, env }),
        buildVerifierLog(kernel.arch),
      ]);
      const paths = Object.keys(build.trees).join(" ");
      const run = await runInVm({
        kernel: kernel.name,
        command: `LD_PRELOAD=${preload} VERIFIER_LOG=$share/verifier sh test/vm/trace-made ${program} ${collector} ${rounds} ${paths}`,
        timeoutMs: 500_000,
        memoryMb: 1024,
      });
      try {
        const agent = (await run.file("agent.log")).toString();
        assert.equal(run.exitCode, 0, `${run.output}\n${agent}`);
        const lines = (await run.file("spans.jsonl")).toString().split("\n");
        const spans = lines.filter(Boolean).flatMap(decodeTraces);
        for (const [path, tree] of Object.entries(build.trees)) {
          const roots = spans.filter(({ attributes }) => attributes["url.path"] === path.split("?")[0]);
          assert.equal(roots.length, rounds, `${path}\n${agent}`);
          for (const root of roots) assert.deepEqual(treeBelow(spans, root), tree, `${path}\n${agent}`);
        }
        for (const { attributes, events, links } of spans.filter(({ name }) => name === "everything"))
          assert.deepEqual(
            [Object.keys(attributes).length, events.length, links.length],
            [10, 2, build.links],
          );
        for (const { attributes, events } of spans.filter(({ name }) => name === "pack order"))
          assert.deepEqual([attributes["order.id"], events.length], ["A-17", 2]);
        assert.equal(spans.filter(({ name }) => name === "pack order").length, rounds, agent);
        await assertVerified(t, run);
      } finally {
        await run.dispose();
      }
    });
