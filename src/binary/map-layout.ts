// MapType in internal/abi/map.go (map_swiss.go, map_noswiss.go in Go 1.24 and 1.25) of the Go distribution.
import type { Descriptors } from "./descriptor.ts";
import type { MapLayout } from "./types.ts";

/** A group starts with 8 control bytes. */
const controlSize = 8;

/** How maps of this type lie in memory; `address` is that of a map type's descriptor. */
export function mapLayout(types: Descriptors, address: number): MapLayout {
  const { memory } = types;
  if (!types.isSwissMap(address)) {
    const [keySize, elemSize] = [memory.u8(address + 80), memory.u8(address + 81)];
    return { kind: "buckets", bucketSize: memory.u16(address + 82), keySize, elemSize };
  }
  const groupSize = memory.u64(address + 80);
  if (types.minor >= 27) {
    const [keysOffset, keyStride] = [memory.u64(address + 88), memory.u64(address + 96)];
    const [elemsOffset, elemStride] = [memory.u64(address + 104), memory.u64(address + 112)];
    return { kind: "swiss", groupSize, keysOffset, keyStride, elemsOffset, elemStride };
  }
  const [slotSize, elemOffset] = [memory.u64(address + 88), memory.u64(address + 96)];
  return {
    kind: "swiss",
    groupSize,
    keysOffset: controlSize,
    keyStride: slotSize,
    elemsOffset: controlSize + elemOffset,
    elemStride: slotSize,
  };
}
