/**
 * What tracing costs a server whose request makes ten nested calls of a function that a rule names: beside-bare.ts.
 *
 *   node --import tsx test/bench/rules.ts [--rounds 9] [--seconds 2] [--connections 1,8,64]
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildGo } from "../fixtures/go-binaries.ts";
import { compareWithBare } from "./beside-bare.ts";

const directory = mkdtempSync(join(tmpdir(), "otel-go-auto-bench-"));
const file = join(directory, "rules.yaml");
writeFileSync(file, "rules:\n  - { function: main.step }\n");
const source = join(import.meta.dirname, "..", "libraries", "rules", "load");
try {
  const executable = await buildGo({ go: "1.26.8", source, flags: ["-ldflags=-s -w"] });
  await compareWithBare({ executable, path: "/ten", args: ["--config", file] });
} finally {
  rmSync(directory, { recursive: true });
}
