import { bucketSlots } from "../binary/go-facts/maps.ts";
import type { GoBinary, MapLayout } from "../binary/types.ts";
import { encodeMapLayout } from "../generated/shared.ts";
import type { FieldSpec, ItabSpec, Library } from "../libraries/descriptor.ts";
import { type FieldOffset, findField, type OffsetsTables, whyNoField } from "../offsets/field.ts";
import { planReasons } from "../report/plan.ts";
import type { FieldFinding, Findings, ItabFinding, MapFinding, TypeFinding } from "./types.ts";

/** Constants of offsets have 16 bits in the BPF programs; the largest struct that is read, runtime.g, has 500 bytes. */
const maxOffset = 0xffff;

export interface PlannedConstants {
  readonly findings: Omit<Findings, "probes">;
  readonly globals: ReadonlyMap<string, Buffer>;
  readonly fields: ReadonlyMap<string, FieldOffset>;
  readonly without: readonly string[];
  /** Why the library can't be attached: a required constant has no value. */
  readonly refusal: string | undefined;
}

/**
 * The values of a library's constants in this binary. What is not set keeps the "absent" of its declaration.
 * `probes` are the names of those that have a place.
 */
export function planConstants(
  binary: GoBinary,
  library: Library,
  probes: ReadonlySet<string>,
  { loadBias, offsets }: { readonly loadBias: number; readonly offsets: OffsetsTables },
): PlannedConstants {
  const maps = Object.entries(library.maps).map(([constant, type]) => findMap(binary, constant, type));
  const kinds = new Set(maps.map(({ layout }) => layout?.kind));
  const fields = Object.entries(library.fields).map(([constant, spec]) =>
    planField(binary, offsets, kinds, constant, spec),
  );
  const missing = fields.find(({ spec, found }) => !found && !spec.optional && isWanted(spec, kinds));
  const found = new Map(fields.flatMap(({ constant, found }) => (found ? [[constant, found] as const] : [])));
  const itabs = Object.entries(library.itabs).map(([constant, spec]) =>
    findItab(binary, constant, spec, new Set([...probes, ...found.keys()])),
  );
  const types = Object.entries(library.types ?? {}).map(([constant, names]) =>
    findType(binary, constant, names),
  );
  return {
    findings: { fields, maps, itabs, types },
    globals: new Map([
      ...[...found].map(([constant, { offset }]) => [constant, u16(offset)] as const),
      ...maps.flatMap(({ constant, layout }) => (layout ? [[constant, encodeLayout(layout)] as const] : [])),
      ...[...itabs, ...types].flatMap(({ constant, address, reason }) =>
        address === undefined || reason !== undefined ? [] : [[constant, u64(address + loadBias)] as const],
      ),
      ...Object.entries(library.code ?? {}).flatMap(([constant, name]) =>
        findCode(binary, constant, name, loadBias),
      ),
      ...Object.entries(library.uses ?? {}).map(
        ([constant, functions]) => [constant, Buffer.from([Number(hasAny(binary, functions))])] as const,
      ),
    ]),
    fields: found,
    without: itabs.flatMap(({ address, reason }) => (address !== undefined && reason ? [reason] : [])),
    refusal:
      maps.find(({ reason }) => reason)?.reason ??
      (missing && planReasons.noField(missing.spec.names, missing.reason ?? "")),
  };
}

function hasAny({ functions }: GoBinary, names: readonly string[]): boolean {
  return names.some((name) => functions.find(name).length > 0);
}

function findMap(binary: GoBinary, constant: string, type: string): MapFinding {
  const layout = binary.types.map(type);
  return { constant, type, layout, reason: layout ? undefined : planReasons.noLayout(type) };
}

function planField(
  binary: GoBinary,
  offsets: OffsetsTables,
  kinds: MapKinds,
  constant: string,
  spec: FieldSpec,
): FieldFinding {
  if (spec.onlyWithMaps && !isWanted(spec, kinds)) {
    return { constant, spec, found: undefined, reason: planReasons.otherMaps[spec.onlyWithMaps] };
  }
  const found = findField(binary, offsets, spec.names);
  if (found && found.offset > maxOffset)
    return { constant, spec, found: undefined, reason: planReasons.farField(found.offset) };
  const reason = found ? undefined : planReasons.fieldAbsent[whyNoField(binary, spec.names)];
  return { constant, spec, found, reason };
}

type MapKinds = ReadonlySet<MapLayout["kind"] | undefined>;

function isWanted({ onlyWithMaps }: FieldSpec, kinds: MapKinds): boolean {
  return onlyWithMaps === undefined || kinds.has(onlyWithMaps);
}

function findItab(
  binary: GoBinary,
  constant: string,
  spec: ItabSpec,
  known: ReadonlySet<string>,
): ItabFinding {
  const { address, ...names } = itabOf(binary, spec);
  if (address === undefined) return { constant, spec, ...names, address, reason: planReasons.absent };
  const missing = (spec.needs ?? []).filter((need) => !known.has(need));
  const reason = missing.length === 0 ? undefined : planReasons.itab(names.concrete, missing);
  return { constant, spec, ...names, address, reason };
}

/** The first that the binary has of the names that the two types may have. */
function itabOf(binary: GoBinary, spec: ItabSpec): Pick<ItabFinding, "interface" | "concrete" | "address"> {
  const [interfaces, concretes] = [[spec.interface].flat(), [spec.concrete].flat()];
  for (const name of interfaces) {
    const itabs = binary.itabsOf(name);
    for (const concrete of concretes) {
      const found = itabs.find(({ concreteName }) => concreteName === concrete);
      if (found) return { interface: name, concrete, address: found.address };
    }
  }
  return { interface: interfaces[0] ?? "", concrete: concretes[0] ?? "", address: undefined };
}

function findType({ types }: GoBinary, constant: string, names: readonly string[]): TypeFinding {
  for (const name of names) {
    const address = types.addressOf(name);
    if (address !== undefined) return { constant, name, address, reason: undefined };
  }
  return { constant, name: names[0] ?? "", address: undefined, reason: planReasons.absent };
}

function findCode({ functions }: GoBinary, constant: string, name: string, loadBias: number) {
  const [found] = functions.find(name);
  if (found === undefined) return [];
  return [
    [`${constant}_from`, u64(found.address + loadBias)],
    [`${constant}_to`, u64(found.end + loadBias)],
  ] as const;
}

function encodeLayout(layout: MapLayout): Buffer {
  if (layout.kind === "swiss") {
    const { groupSize, keysOffset, keyStride, elemsOffset, elemStride } = layout;
    return encodeMapLayout({ buckets: 0, groupSize, keysOffset, keyStride, elemsOffset, elemStride });
  }
  // A tophash byte for each slot, then the keys, then the elements.
  const slots = bucketSlots.value;
  const { bucketSize, keySize, elemSize } = layout;
  return encodeMapLayout({
    buckets: 1,
    groupSize: bucketSize,
    keysOffset: slots,
    keyStride: keySize,
    elemsOffset: slots + slots * keySize,
    elemStride: elemSize,
  });
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
