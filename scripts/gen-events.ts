/**
 * Makes TypeScript readers and writers of the structs that BPF C and the agent share, out of the objects' BTF, so
 * that no layout is written twice: src/generated/libraries/<path>.ts for the records of each library, and
 * src/generated/shared.ts for what all of them include.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Btf, type BtfEnum, type BtfStruct } from "./btf.ts";
import { enumSource, readerSource, writerSource } from "./event-source.ts";
import { filesBelow } from "./files.ts";

const objects = "dist/bpf/amd64";
const shared = {
  readers: [
    "record_header",
    "span_header",
    "lasting_span",
    "lasting_note",
    "addition",
    "log_record",
    "unknown_return",
    "unknown_goroutine",
    "captured_headers",
    "captured_value",
    "open_span",
    "made_span",
    "made_span_record",
    "api_span_record",
    "told_item",
    "told_addition",
    "slot_user",
    "message_slot",
  ],
  writers: [
    "settings",
    "path_rule",
    "map_layout",
    "context_rule",
    "return_site",
    "outgoing_settings",
    "process_path",
    "wanted_headers",
    "slot_settings",
    "value_at",
    "ruled_function",
  ],
  enums: [
    "counter",
    "parent_kind",
    "record_kind",
    "sampler_root",
    "context_kind",
    "return_kind",
    "outgoing_count",
    "propagator",
    "slot_mark",
    "header_set",
    "lasting_until",
    "goroutines",
    "told_kind",
  ],
};

function btfOf(object: string): Btf {
  const json = execFileSync("bpftool", ["btf", "dump", "file", object, "--json"], { maxBuffer: 64 << 20 });
  return new Btf(JSON.parse(json.toString()));
}

function write(path: string, parts: readonly string[]): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(
    path,
    ["// Made by scripts/gen-events.ts from the BPF objects. Do not edit.\n", ...parts].join("\n"),
  );
}

const importOf = (folder: string) => `import type { RecordBytes } from "${folder}libraries/descriptor.ts";\n`;

/** A library's own record begins with the header of spans, of all records, or of additions. */
const isRecord = ({ name, members }: BtfStruct) =>
  ["span_header", "record_header", "addition"].includes(members[0]?.typeName ?? "") &&
  !shared.readers.includes(name);
const isOwn = (type: BtfEnum) => !shared.enums.includes(type.name);

function librarySource(btf: Btf, folder: string): string[] {
  const records = btf.structs().filter(isRecord);
  return [
    ...(records.length > 0 ? [importOf(folder)] : []),
    ...btf.enums().filter(isOwn).map(enumSource),
    ...records.map((struct) => readerSource(btf, struct)),
  ];
}

const plain = filesBelow(objects, ".o").filter((object) => !object.endsWith(".guarded.o"));
for (const object of plain.filter((path) => !path.startsWith(`${objects}/propagation/`))) {
  const path = object.slice(objects.length + 1, -".o".length);
  write(
    `src/generated/libraries/${path}.ts`,
    librarySource(btfOf(object), "../".repeat(path.split("/").length + 1)),
  );
}

/** Not every object includes every header. */
const all = plain.map(btfOf);
const inAny = <T>(name: string, find: (btf: Btf) => T | undefined): { btf: Btf; type: T } => {
  for (const btf of all) {
    const type = find(btf);
    if (type !== undefined) return { btf, type };
  }
  throw new Error(`no object knows ${name}: run scripts/build-ebpf first`);
};
const structNamed = (name: string) =>
  inAny(name, (btf) => btf.structs().find((struct) => struct.name === name));
const enumNamed = (name: string) => inAny(name, (btf) => btf.enums().find((type) => type.name === name));

write("src/generated/shared.ts", [
  importOf("../"),
  ...shared.enums.map((name) => enumSource(enumNamed(name).type)),
  ...shared.readers.map((name) => {
    const { btf, type } = structNamed(name);
    return readerSource(btf, type);
  }),
  ...shared.writers.map((name) => writerSource(structNamed(name).type)),
]);
