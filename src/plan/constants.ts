import type { GoBinary, MapLayout } from "../binary/types.ts";
import { encodeMapLayout } from "../generated/shared.ts";
import type { ItabSpec, Library } from "../libraries/descriptor.ts";
import { type FieldOffset, findField, type OffsetsTables } from "../offsets/field.ts";
import { planReasons } from "../report/plan.ts";
import type { NoAttachment } from "./types.ts";

export interface PlannedConstants {
  readonly globals: ReadonlyMap<string, Buffer>;
  readonly fields: ReadonlyMap<string, FieldOffset>;
  readonly without: readonly string[];
}

/** The values of a library's constants in this binary. What is not set keeps the "absent" of its declaration. */
export function planConstants(
  binary: GoBinary,
  library: Library,
  probes: ReadonlySet<string>,
  { loadBias, offsets }: { readonly loadBias: number; readonly offsets: OffsetsTables },
): PlannedConstants | NoAttachment {
  const maps = findMaps(binary, library);
  const missingMap = Object.entries(library.maps).find(([constant]) => !maps.has(constant));
  if (missingMap) return { status: "skipped", library, reason: planReasons.noLayout(missingMap[1]) };
  const kinds = new Set([...maps.values()].map((layout) => layout.kind));
  const fields = new Map<string, FieldOffset>();
  for (const [constant, spec] of Object.entries(library.fields)) {
    if (spec.onlyWithMaps && !kinds.has(spec.onlyWithMaps)) continue;
    const answer = findField(binary, offsets, spec.names);
    if (answer) fields.set(constant, answer);
    else if (!spec.optional) return { status: "skipped", library, reason: planReasons.noField(spec.names) };
  }
  const itabs = findItabs(binary, library, new Set([...probes, ...fields.keys()]));
  return {
    globals: new Map([
      ...[...fields].map(([constant, { offset }]) => [constant, u16(offset)] as const),
      ...[...maps].map(([constant, layout]) => [constant, encodeLayout(layout)] as const),
      ...[...itabs.addresses].map(([constant, address]) => [constant, u64(address + loadBias)] as const),
    ]),
    fields,
    without: itabs.without,
  };
}

function findMaps(binary: GoBinary, library: Library): Map<string, MapLayout> {
  const layouts = new Map<string, MapLayout>();
  for (const [constant, name] of Object.entries(library.maps)) {
    const layout = binary.types.map(name);
    if (layout) layouts.set(constant, layout);
  }
  return layouts;
}

function findItabs(binary: GoBinary, library: Library, known: ReadonlySet<string>) {
  const addresses = new Map<string, number>();
  const without: string[] = [];
  for (const [constant, spec] of Object.entries(library.itabs)) {
    const address = itabAddress(binary, spec);
    if (address === undefined) continue;
    const missing = (spec.needs ?? []).filter((need) => !known.has(need));
    if (missing.length === 0) addresses.set(constant, address);
    else without.push(planReasons.itab(spec.concrete, missing));
  }
  return { addresses, without };
}

function itabAddress(binary: GoBinary, spec: ItabSpec): number | undefined {
  return binary
    .itabs()
    .find(
      ({ interfaceName, concreteName }) => interfaceName === spec.interface && concreteName === spec.concrete,
    )?.address;
}

function encodeLayout(layout: MapLayout): Buffer {
  if (layout.kind === "swiss") {
    const { groupSize, keysOffset, keyStride, elemsOffset, elemStride } = layout;
    return encodeMapLayout({ buckets: 0, groupSize, keysOffset, keyStride, elemsOffset, elemStride });
  }
  // Eight tophash bytes, eight keys, eight elements, the overflow pointer: src/cmd/compile/internal/reflectdata.
  const { bucketSize, keySize, elemSize } = layout;
  return encodeMapLayout({
    buckets: 1,
    groupSize: bucketSize,
    keysOffset: 8,
    keyStride: keySize,
    elemsOffset: 8 + 8 * keySize,
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
