/** Writes ebpf/build/go_facts.h: what BPF C has to know of Go's runtime, out of src/binary/go-facts. */
import { mkdirSync, writeFileSync } from "node:fs";
import { pinnedRelease, type Source, sourceBase } from "../src/binary/go-facts/fact.ts";
import { gobuf, stack } from "../src/binary/go-facts/goroutine.ts";
import { itab } from "../src/binary/go-facts/itab.ts";
import { kindFlag, kinds } from "../src/binary/go-facts/kinds.ts";
import { bucketSlots, emptySlot, groupSlots, minTopHash, sameSizeGrow } from "../src/binary/go-facts/maps.ts";
import { registers } from "../src/binary/go-facts/registers.ts";
import { arrayType, type } from "../src/binary/go-facts/types.ts";
import { goString, iface } from "../src/binary/go-facts/values.ts";

const folder = "ebpf/build";

type Arch = keyof typeof registers;

function define(source: Source, macros: Readonly<Record<string, string | number>>): string {
  const { file, line, release = pinnedRelease } = source;
  const lines = Object.entries(macros).map(([name, value]) => `#define ${name} ${value}\n`);
  return `/* ${sourceBase}/${release}/${file}#L${line} */\n${lines.join("")}`;
}

/** The goroutine and the arguments, as members of `struct pt_regs`: ebpf/include/arch.h. */
function registersOf(arch: Arch): string[] {
  const { g, arguments: list } = registers[arch];
  const names = list.value.split(" ").map((name, i) => [`GO_ARG${i}(ctx)`, member(arch, name)]);
  return [define(g, { "GO_G(ctx)": member(arch, g.value) }), define(list, Object.fromEntries(names))];
}

/** "R14" → "((ctx)->r14)" on amd64, "R28" → "((ctx)->regs[28])" on arm64. */
function member(arch: Arch, name: string): string {
  return arch === "amd64" ? `((ctx)->${name.toLowerCase()})` : `((ctx)->regs[${name.replace(/^R/, "")}])`;
}

if (bucketSlots.value !== groupSlots.value)
  throw new Error("buckets and groups of maps differ in their slots");
const { length } = goString.fields;
const { data } = iface.fields;
const { Type } = itab.fields;
const { Size_, Kind_ } = type.fields;
const { Elem, Len } = arrayType.fields;
const { hi } = stack.fields;
const { sp } = gobuf.fields;

const parts = [
  "/* Made by scripts/gen-go-header.ts from src/binary/go-facts. Do not edit. */\n#pragma once\n",
  "#if defined(__TARGET_ARCH_x86)\n",
  ...registersOf("amd64"),
  "#elif defined(__TARGET_ARCH_arm64)\n",
  ...registersOf("arm64"),
  "#endif\n",
  define({ ...goString, ...length }, { GO_STRING_LENGTH: length.at }),
  define({ ...iface, ...data }, { GO_IFACE_DATA: data.at }),
  define({ ...itab, ...Type }, { GO_ITAB_TYPE: Type.at }),
  define({ ...type, ...Size_ }, { GO_TYPE_SIZE: Size_.at }),
  define({ ...type, ...Kind_ }, { GO_TYPE_KIND: Kind_.at }),
  define(kindFlag, { GO_KIND_MASK: kindFlag.value - 1 }),
  ...Object.entries(kinds).map(([name, fact]) =>
    define(fact, { [`GO_KIND_${name.toUpperCase()}`]: fact.value }),
  ),
  // The same of pointers and slices.
  define({ ...arrayType, ...Elem }, { GO_ELEMENT: Elem.at }),
  define({ ...arrayType, ...Len }, { GO_ARRAY_LENGTH: Len.at }),
  define({ ...stack, ...hi }, { GO_STACK_HI: hi.at }),
  define({ ...gobuf, ...sp }, { GO_GOBUF_SP: sp.at }),
  define(groupSlots, { MAP_SLOTS: groupSlots.value }),
  define(emptySlot, { EMPTY_SLOT: emptySlot.value }),
  define(minTopHash, { MIN_TOPHASH: minTopHash.value }),
  define(sameSizeGrow, { SAME_SIZE_GROW: sameSizeGrow.value }),
];

mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}/go_facts.h`, parts.join("\n"));
