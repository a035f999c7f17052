import { BadBinary, bounded } from "../bad-binary.ts";
import { offsetsAt, offsetsOf } from "../go-facts/fact.ts";
import { bucketMapType, groupSlots, maxInline, swissMapType } from "../go-facts/maps.ts";
import type { MapLayout } from "../types.ts";
import type { Descriptors } from "./descriptor.ts";

const buckets = offsetsOf(bucketMapType);
/** A group starts with a byte for each slot. */
const controlSize = groupSlots.value;
/** No size or offset in a group is larger than a group of the largest keys and elements. */
const maxWord = groupSlots.value * (1 + maxInline.key.value + maxInline.elem.value);

/** How maps of this type lie in memory; `address` is that of a map type's descriptor. */
export function mapLayout(types: Descriptors, address: number): MapLayout {
  return types.isSwissMap(address) ? swissLayout(types, address) : bucketLayout(types, address);
}

function bucketLayout({ memory }: Descriptors, address: number): MapLayout {
  return {
    kind: "buckets",
    bucketSize: memory.u16(address + buckets.BucketSize),
    keySize: memory.u8(address + buckets.KeySize),
    elemSize: memory.u8(address + buckets.ValueSize),
  };
}

function swissLayout({ memory, minor }: Descriptors, address: number): MapLayout {
  const at = offsetsAt(swissMapType, minor);
  const word = (offset: number | undefined) => {
    if (offset === undefined) throw new BadBinary("its maps aren't those of its Go release");
    return bounded(memory.u64(address + offset), maxWord, "a size of a map");
  };
  const groupSize = word(at.GroupSize);
  if (at.SlotSize === undefined) {
    const [keysOffset, keyStride] = [word(at.KeysOff), word(at.KeyStride)];
    const [elemsOffset, elemStride] = [word(at.ElemsOff), word(at.ElemStride)];
    return { kind: "swiss", groupSize, keysOffset, keyStride, elemsOffset, elemStride };
  }
  const [slotSize, elemOffset] = [word(at.SlotSize), word(at.ElemOff)];
  return {
    kind: "swiss",
    groupSize,
    keysOffset: controlSize,
    keyStride: slotSize,
    elemsOffset: controlSize + elemOffset,
    elemStride: slotSize,
  };
}
