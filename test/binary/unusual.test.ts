// Programs of Go whose file isn't as the linker left it.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { openGoBinary } from "../../src/binary/index.ts";
import type { GoBinary } from "../../src/binary/types.ts";
import { ElfImage } from "./edit-elf.ts";
import { type Build, describeBuild, openUntilEnd, scratchFile, serverPath } from "./programs.ts";
import { refused } from "./refused.ts";

const stripped = "-ldflags=-s -w";
const builds: readonly Build[] = [
  { go: "1.22.12" },
  { go: "1.24.13", flags: ["-buildmode=pie"] },
  { go: "1.26.8", flags: [stripped] },
  { go: "1.27.4", flags: ["-buildmode=pie", stripped] },
  { go: "1.22.12", env: { GOARCH: "arm64" } },
  {
    go: "1.26.8",
    flags: ["-buildmode=pie", "-ldflags=-linkmode=external"],
    env: { CGO_ENABLED: "1", GOARCH: "arm64", CC: "aarch64-linux-gnu-gcc" },
  },
];

for (const build of builds) {
  test(`without sections, and with other names of them, all is found: ${describeBuild(build)}`, async (t) => {
    const path = await serverPath(build);
    const whole = factsOf(openUntilEnd(t, path));
    const cut = scratchFile(t);
    writeFileSync(cut, new ElfImage(path).withoutSections().bytes);
    assert.deepEqual(factsOf(openUntilEnd(t, cut)), whole);
    const renamed = scratchFile(t);
    writeFileSync(renamed, new ElfImage(path).renameSections().bytes);
    assert.deepEqual(factsOf(openUntilEnd(t, renamed)), whole);
  });
}

/** What doesn't come out of sections that the kernel doesn't load. */
function factsOf(binary: GoBinary): unknown {
  const { arch, pie, segments, buildInfo, functions, types } = binary;
  const serve = functions.find("net/http.(*conn).serve");
  return {
    arch,
    pie,
    segments,
    buildInfo,
    serve: serve.map((fn) => [fn, binary.fileOffset(fn.address), binary.code(fn).length]),
    functions: [...functions.all()].length,
    types: ["net/http.Request", "runtime.g", "net/url.URL"].map((name) => types.struct(name)),
    headers: types.map("net/http.Header"),
    itabs: binary
      .itabs()
      .map(({ address, interfaceName, concreteName }) => [address, interfaceName, concreteName]),
  };
}

test("segments that can't be", async (t) => {
  const path = await serverPath({ go: "1.26.8", flags: [stripped] });
  const withImage = (image: ElfImage) => fileOf(t, image.bytes);
  const image = () => new ElfImage(path);
  for (const [field, reason] of [
    [8, /cut off: a loaded segment reaches behind its end/],
    [16, /damaged.*a segment at address/],
    [32, /cut off: a loaded segment reaches behind its end/],
    [40, /damaged.*a segment at address/],
  ] as const) {
    refused(withImage(image().setSegment(1, field, 2n ** 63n)), reason);
    refused(withImage(image().setSegment(1, field, 2n ** 64n - 1n)), reason);
  }
  refused(withImage(image().repeatSegment()), /damaged.*its segments overlap/);
});

function fileOf(t: TestContext, content: Buffer): string {
  const path = scratchFile(t);
  writeFileSync(path, content);
  return path;
}

test("a file that is nothing but zeros behind its headers", async (t) => {
  const { bytes } = new ElfImage(await serverPath({ go: "1.26.8", flags: [stripped] }));
  refused(fileOf(t, bytes.fill(0, 1024)), /isn't a Go program/);
  assert.throws(() => openGoBinary(fileOf(t, bytes.fill(0, 64))));
});
