import assert from "node:assert/strict";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import pc from "picocolors";
import { openGoBinary } from "../../src/binary/index.ts";
import type { BuildInfo, GoBinary } from "../../src/binary/types.ts";
import type { Library, ProbeSpec, ReturnSite } from "../../src/libraries/descriptor.ts";
import { library as grpc } from "../../src/libraries/google.golang.org/grpc/client/index.ts";
import { library } from "../../src/libraries/net/http/server/index.ts";
import type { OffsetsTables } from "../../src/offsets/field.ts";
import { parseOffsets } from "../../src/offsets/table.ts";
import { goidGenerator } from "../../src/plan/goid-generator.ts";
import { planLibraries } from "../../src/plan/plan.ts";
import { inspection } from "../../src/report/inspection.ts";
import type { InspectionDocument } from "../../src/report/inspection-document.ts";
import { type Build, describeBuild, openUntilEnd, serverPath } from "../binary/programs.ts";
import { buildGo, callersSource } from "../fixtures/go-binaries.ts";

const plain = pc.createColors(false);
const stripped: Build = { go: "1.27.4", flags: ["-ldflags=-s -w"] };

function inspected(
  binary: GoBinary,
  { changed = library, offsets = () => [], disabled = [] }: Partial<Given> = {},
) {
  const plans = planLibraries(binary, [changed], { disabled, loadBias: 0, offsets });
  const [plan] = plans;
  assert.ok(plan);
  const subject = { binary, plans, rules: [], process: undefined, goidGenerator: goidGenerator(binary) };
  return {
    plan,
    text: inspection(subject, false, plain),
    json: inspection(subject, true, plain),
    document: JSON.parse(inspection(subject, true, plain)) as InspectionDocument,
  };
}

interface Given {
  readonly changed: Library;
  readonly offsets: OffsetsTables;
  readonly disabled: readonly string[];
}

const builds: readonly (readonly [Build, RegExp])[] = [
  [{ go: "1.22.12" }, /^with symbols, with DWARF, at fixed addresses, statically linked, without cgo$/],
  [stripped, /^stripped, without DWARF, at fixed addresses, statically linked, without cgo$/],
  [{ go: "1.24.13", env: { GOEXPERIMENT: "noswissmap" } }, /^with symbols, with DWARF, at fixed/],
  [
    { go: "1.22.12", flags: ["-buildmode=pie", "-ldflags=-s -w"] },
    /^stripped.* position-independent, dynamically/,
  ],
  [
    {
      go: "1.26.8",
      flags: ["-ldflags=-s -w -linkmode=external -extldflags=-static"],
      env: { CGO_ENABLED: "1" },
    },
    /^stripped.* statically linked, with cgo$/,
  ],
  [
    { go: "1.27.4", flags: ["-buildmode=pie", "-ldflags=-s -w"], env: { GOARCH: "arm64" } },
    /^stripped.* position-independent/,
  ],
];

for (const [build, built] of builds)
  test(`says what the plan says: ${describeBuild(build)}`, async (t) => {
    const path = await serverPath(build);
    const { plan, document, text } = inspected(openUntilEnd(t, path));
    assert.ok(plan.status === "attach");
    const [said] = document.libraries;
    assert.ok(said);

    const offsets = said.fields.filter(({ offset }) => offset !== null);
    assert.deepEqual(
      offsets.map(({ constant, name, offset, source }) => [constant, name, offset, source]),
      [...plan.fields].map(([constant, { name, offset, source }]) => [constant, name, offset, source]),
    );
    const source = document.build.dwarf ? "DWARF" : "runtime types";
    assert.deepEqual([...new Set(offsets.map((field) => field.source))], [source]);
    assert.deepEqual(
      said.fields.map(({ constant }) => constant),
      Object.keys(library.fields),
      "nothing is hidden",
    );
    for (const { offset, reason } of said.fields) assert.equal(reason === null, offset !== null);

    const sites = said.probes.flatMap((probe) => probe.sites);
    assert.equal(sites.length, plan.programs.flatMap((program) => program.sites).length);
    for (const { fileOffset, bytes, emulated } of sites) {
      assert.equal(bytesAt(path, Number(fileOffset), bytes.length / 2), bytes);
      assert.equal(emulated, true);
    }
    const [map] = said.maps;
    const buckets = build.go === "1.22.12" || build.env?.GOEXPERIMENT === "noswissmap";
    assert.equal(map?.layout, buckets ? "buckets" : "swiss");

    assert.match(/^built +(.*)$/m.exec(text)?.[1] ?? "", built);
    assert.match(text, /^net\/http server: would be attached$/m);
    for (const { constant, name, offset } of offsets)
      assert.match(text, line(constant, name, offset, source));
    for (const { address, function: fn } of sites) assert.match(text, line(address, fn));
    assert.doesNotMatch(text, /[^\S\n]$/m);
  });

/** A line that holds these words, in this order. */
function line(...words: readonly (string | number | null)[]): RegExp {
  return new RegExp(words.map((word) => literally(String(word))).join(".* "), "m");
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function bytesAt(path: string, offset: number, length: number): string {
  const file = openSync(path, "r");
  const bytes = Buffer.alloc(length);
  readSync(file, bytes, 0, length, offset);
  closeSync(file);
  return bytes.toString("hex");
}

/** No binary's own metadata has this one: it is in no interface and never asked for by reflection. */
const nowhere = "runtime.iface.data";
const withField = {
  ...library,
  fields: { ...library.fields, iface_data: { names: [nowhere], optional: true } },
};

function table(...versions: string[]): OffsetsTables {
  const std = { versions, fields: { [nowhere]: [["1.17.0", 8]] } };
  const parsed = parseOffsets(JSON.stringify({ schema: 1, modules: { std } }));
  return () => [parsed];
}

test("an answer of a table is shown with its version, and a guess is marked", async (t) => {
  const binary = openUntilEnd(t, await serverPath(stripped));
  const said = (offsets: OffsetsTables) => {
    const { text, document } = inspected(binary, { changed: withField, offsets });
    const field = document.libraries[0]?.fields.find(({ constant }) => constant === "iface_data");
    return [/^.*iface_data.*$/m.exec(text)?.[0].replace(/ +/g, " "), field?.source, field?.version];
  };
  assert.deepEqual(said(table("1.26.0", "1.27.4")), [
    " iface_data runtime.iface.data 8 offsets.json, 1.27.4",
    "offsets.json",
    "1.27.4",
  ]);
  assert.deepEqual(said(table("1.26.0", "1.27.3")), [
    " ! iface_data runtime.iface.data 8 nearest older version 1.27.3",
    "nearest older version",
    "1.27.3",
  ]);
  assert.deepEqual(
    said(() => []),
    [
      " iface_data runtime.iface.data - neither the binary nor offsets.json has it; otel-go-auto update-offsets may bring it",
      null,
      null,
    ],
  );
});

test("why an optional field is not there", async (t) => {
  const binary = openUntilEnd(t, await serverPath(stripped));
  const fields = {
    ...library.fields,
    removed: { names: ["net/http.Request.Removed"], optional: true },
    elsewhere: { names: ["net/rpc.Server.serviceMap"], optional: true },
  };
  const { text } = inspected(binary, { changed: { ...library, fields } });
  assert.match(text, /removed +net\/http\.Request\.Removed +- +not in this version/);
  assert.match(text, /elsewhere +net\/rpc\.Server\.serviceMap +- +its package is not in this binary/);
  assert.match(text, /hmap_flags +runtime\.hmap\.flags +- +only for bucket maps/);
  assert.match(text, /h2c start +- +only for binaries with golang\.org\/x\/net/);
});

test("what a library goes without is said, and why one is skipped, with all that was found", async (t) => {
  const binary = openUntilEnd(t, await serverPath(stripped));
  const without = inspected(binary, {
    changed: {
      ...library,
      fields: { ...library.fields, http2_status: { names: ["net/http.x.y"], optional: true } },
    },
  });
  assert.match(without.text, /^ {2}without requests of .*: it lacks http2_status$/m);
  assert.equal(without.document.libraries[0]?.without.length, 1);

  const fields = { ...library.fields, request_host: { names: ["net/http.Request.Hosts"] } };
  const skipped = inspected(binary, { changed: { ...library, fields } });
  assert.match(
    skipped.text,
    /^net\/http server: skipped, no field net\/http\.Request\.Hosts: not in this version$/m,
  );
  assert.match(skipped.text, /request_method +net\/http\.Request\.Method +0 +runtime types/);
  assert.match(skipped.text, /HTTP\/1 end +0x/);

  const off = inspected(binary, { disabled: ["http"] });
  assert.match(off.text, /^net\/http server: not attached, disabled by you$/m);
});

test("the modules that a library is about, replaced ones by both names", async (t) => {
  const real = openUntilEnd(t, await serverPath(stripped));
  const buildInfo: BuildInfo = {
    ...real.buildInfo,
    modules: [
      {
        path: "golang.org/x/net",
        version: "v0.33.0",
        replacedBy: { path: "example.com/fork", version: "v0.33.1" },
      },
      { path: "golang.org/x/ne", version: "v1.0.0" },
      { path: "google.golang.org/genproto/googleapis/rpc", version: "v0.0.0" },
      { path: "google.golang.org/grpc", version: "v1.85.0" },
    ],
  };
  const program: GoBinary = Object.create(real, { buildInfo: { value: buildInfo } });
  const { text, document } = inspected(program);
  assert.match(text, /^ {2}module golang\.org\/x\/net v0\.33\.0, replaced by example\.com\/fork v0\.33\.1$/m);
  const modulesIn = ({ libraries }: InspectionDocument) => libraries[0]?.modules.map(({ path }) => path);
  assert.deepEqual(modulesIn(document), ["std", "golang.org/x/net"]);
  // Its own one comes first.
  assert.deepEqual(modulesIn(inspected(program, { changed: grpc }).document), [
    "google.golang.org/grpc",
    "google.golang.org/genproto/googleapis/rpc",
  ]);
  assert.equal(document.modules, 4);
});

test("what a program says of itself does not control the terminal, and JSON keeps it", async (t) => {
  const real = openGoBinary(await serverPath(stripped));
  t.after(() => real.close());
  const hostile = "a\u001b[31m\u202e\u009b2J\u{e0001}\r\nfake: line";
  const buildInfo: BuildInfo = {
    goVersion: { ...real.buildInfo.goVersion, text: `go1.27.4 X:${hostile}` },
    path: hostile,
    main: { path: hostile, version: hostile, replacedBy: { path: hostile, version: hostile } },
    modules: [{ path: "golang.org/x/net", version: hostile }],
    settings: new Map([
      ["vcs", hostile],
      ["vcs.revision", hostile],
      ["GOEXPERIMENT", hostile],
    ]),
  };
  const binary = Object.create(real, {
    buildInfo: { value: buildInfo },
    path: { value: `/app/${hostile}` },
    buildId: { value: hostile },
  });
  const { text, json, document } = inspected(binary);
  for (const output of [text, json]) assert.doesNotMatch(output.replaceAll("\n", ""), /[\p{Cc}\p{Cf}]/u);
  assert.doesNotMatch(text, /^fake/m);
  assert.equal(document.file, `/app/${hostile}`);
  assert.equal(document.main?.replacedBy?.version, hostile);
});

test("a program without build settings is not said to be built without them", async (t) => {
  const real = openUntilEnd(t, await serverPath(stripped));
  const buildInfo = { ...real.buildInfo, settings: new Map() };
  const { text, document } = inspected(Object.create(real, { buildInfo: { value: buildInfo } }));
  assert.deepEqual(
    [document.build.race, document.build.trimpath, document.build.profile],
    [null, null, null],
  );
  assert.match(text, /^built .*, other settings not recorded$/m);
});

test("every member of the JSON is in its documentation", async (t) => {
  const { document } = inspected(openUntilEnd(t, await serverPath(stripped)));
  const docs = readFileSync(join(import.meta.dirname, "../../docs/inspect.md"), "utf8");
  const names = new Set<string>();
  JSON.stringify(document, (name, value) => {
    if (name !== "" && !/^\d+$/.test(name)) names.add(name);
    return value;
  });
  assert.ok(names.size > 40);
  for (const name of names) assert.ok(docs.includes(`\`${name}\``), name);
});

test("a probe for errors alone names the callers where it is hit without one", async (t) => {
  const binary = openUntilEnd(t, await buildGo({ go: "1.26.8", source: callersSource }));
  const failure: ProbeSpec = {
    name: "failure",
    program: "failed",
    site: {
      at: "return",
      functions: ["database/sql.(*Tx).Commit"],
      results: 2,
      callers: "anywhere",
      when: "error",
    },
  };
  const { text, document } = inspected(binary, { changed: { ...library, probes: [failure] } });
  const always = document.libraries[0]?.probes[0]?.returns?.always ?? [];
  assert.ok(always.length > 0);
  for (const { function: name, reason, returnAddress } of always) {
    assert.equal(reason, `${name} has no place behind ${returnAddress} that only an error leads to`);
    assert.ok(text.includes(`hit also without an error: ${reason}\n`), text);
  }
});

test("probes behind a return are shown with the callers that are known", async (t) => {
  const binary = openUntilEnd(t, await buildGo({ go: "1.26.8", source: callersSource }));
  const end = (name: string, callers: ReturnSite["callers"]): ProbeSpec => ({
    name: `${name} end`,
    program: "ended",
    site: { at: "return", functions: [`database/sql.(*Tx).${name}`], results: 2, callers },
  });
  const probes = [...library.probes, end("Commit", "anywhere"), end("rollback", "package")];
  const { text, document } = inspected(binary, { changed: { ...library, probes } });
  assert.match(text, /\n {4}Commit end +0x\S+ +\S+ +\S+ \(emulated\) +behind the return in main\./);
  assert.match(text, /\n +handed through by main\.commit\n/);
  assert.match(text, /\n {4}rollback end +- +none yet: callers are learned while it runs\n/);
  const [server, commit] =
    document.libraries[0]?.probes.filter(({ name }) => /^(start|Commit end)$/.test(name)) ?? [];
  assert.equal(server?.returns, null);
  assert.deepEqual(server?.sites[0]?.returnAddresses, []);
  assert.equal(commit?.returns?.learned, true);
  assert.equal(commit?.returns?.through[0]?.function, "main.commit");
  assert.match(commit?.sites[0]?.returnAddresses[0] ?? "", /^0x/);
});
