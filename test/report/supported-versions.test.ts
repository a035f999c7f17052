import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { libraries } from "../../src/generated/registry.ts";
import { oldestKernel } from "../../src/report/kernel.ts";
import { type Supported, supportedVersions } from "../../src/report/supported-versions.ts";

const supported: Supported = {
  libraries: [
    { name: "net/http server", path: "net/http/server", module: "std", since: "1.9" },
    { name: "log/slog", path: "log/slog", module: "std", since: "1.21" },
    { name: "gRPC client", path: "google.golang.org/grpc", module: "google.golang.org/grpc", since: "1.14" },
  ],
  architectures: [
    { name: "amd64", goSince: "1.8" },
    { name: "riscv64", goSince: "1.11" },
  ],
  kernel: "5.4",
  newest: new Map([["std", "1.99.3"]]),
};

test("every word comes from the descriptors and from what is built", () => {
  assert.equal(
    supportedVersions(supported, false),
    [
      "Go             1.9 and later",
      "Architectures  linux/amd64, linux/riscv64 (Go 1.11 and later)",
      "Kernel         5.4 and later",
      "",
      "Library          Module                  Versions           In offsets.json up to",
      "net/http server  standard library        Go 1.9 and later   1.99.3",
      "log/slog         standard library        Go 1.21 and later  1.99.3",
      "gRPC client      google.golang.org/grpc  1.14 and later     -",
      "",
      "Newer versions are traced too: a program itself says where its fields are. offsets.json is for what it leaves out.",
    ].join("\n"),
  );
});

test("JSON has the same", () => {
  const { libraries, ...rest } = JSON.parse(supportedVersions(supported, true));
  assert.deepEqual(rest, {
    schema: 1,
    go: { since: "1.9", newestInOffsets: "1.99.3" },
    architectures: [
      { name: "linux/amd64", goSince: "1.9" },
      { name: "linux/riscv64", goSince: "1.11" },
    ],
    kernel: { since: "5.4" },
  });
  const [first, , third] = libraries;
  assert.deepEqual(first, { ...supported.libraries[0], newestInOffsets: "1.99.3" });
  assert.deepEqual(third, { ...supported.libraries[2], newestInOffsets: null });
});

test("docs/libraries.md and the README say the same", () => {
  const [page = "", readme = ""] = ["docs/libraries.md", "README.md"].map((file) =>
    readFileSync(join(import.meta.dirname, "../..", file), "utf8"),
  );
  for (const { name, module, since } of libraries) {
    const row = page.split("\n").find((line) => line.startsWith(`| ${name}`)) ?? "";
    assert.ok(
      row.includes(`| ${module === "std" ? "Go " : ""}${since} and later`),
      `${name} ${since}: ${row}`,
    );
  }
  assert.ok(readme.includes(`kernel ${oldestKernel} or later`));
});
