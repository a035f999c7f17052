import { goStruct, goValue } from "./fact.ts";

// Maps of buckets: up to Go 1.23, and in Go 1.24 and 1.25 with GOEXPERIMENT=noswissmap. Then swiss maps.
const withBuckets = { release: "go1.24.13" } as const;

export const bucketMapType = goStruct({
  struct: { 17: "runtime.maptype", 21: "internal/abi.MapType", 24: "internal/abi.OldMapType", 26: null },
  file: "src/internal/abi/map_noswiss.go",
  ...withBuckets,
  line: 25,
  size: 88,
  fields: {
    Key: { at: 48, bytes: 8, name: { 17: "key", 21: "Key" }, line: 27 },
    Elem: { at: 56, bytes: 8, name: { 17: "elem", 21: "Elem" }, line: 28 },
    KeySize: { at: 80, bytes: 1, name: { 17: "keysize", 21: "KeySize" }, line: 32 },
    ValueSize: { at: 81, bytes: 1, name: { 17: "elemsize", 21: "ValueSize" }, line: 33 },
    BucketSize: { at: 82, bytes: 2, name: { 17: "bucketsize", 21: "BucketSize" }, line: 34 },
  },
});

/** A bucket has a tophash for each slot, the keys, the elements, and the address of the next bucket. */
export const bucketSlots = goValue({
  value: 8,
  says: {
    17: "runtime.bucketCnt",
    21: "internal/abi.MapBucketCount",
    24: "internal/abi.OldMapBucketCount",
    26: null,
  },
  file: "src/internal/abi/map_noswiss.go",
  ...withBuckets,
  line: 16,
});

/** The least tophash of a slot in use. */
export const minTopHash = goValue({
  value: 5,
  says: {
    17: "runtime.minTopHash",
    24: { file: "src/runtime/map_noswiss.go", pattern: /\tminTopHash += (\d+)/ },
    26: null,
  },
  file: "src/runtime/map_noswiss.go",
  ...withBuckets,
  line: 96,
});

/** Bit of `hmap.flags`: the map grows into as many buckets as it had. */
export const sameSizeGrow = goValue({
  value: 8,
  says: {
    17: "runtime.sameSizeGrow",
    24: { file: "src/runtime/map_noswiss.go", pattern: /\tsameSizeGrow += (\d+)/ },
    26: null,
  },
  file: "src/runtime/map_noswiss.go",
  ...withBuckets,
  line: 102,
});

export const hmap = goStruct({
  struct: { 17: "runtime.hmap", 26: null },
  experiment: { 17: null, 24: "noswissmap" },
  file: "src/runtime/map_noswiss.go",
  ...withBuckets,
  line: 114,
  fields: {
    flags: { bytes: 1, line: 118 },
    B: { bytes: 1, line: 119 },
    buckets: { bytes: 8, line: 123 },
    oldbuckets: { bytes: 8, line: 124 },
  },
});

/** Swiss maps, from Go 1.24 on. */
export const swissMapType = goStruct({
  struct: { 17: null, 24: "internal/abi.SwissMapType", 26: "internal/abi.MapType" },
  file: "src/internal/abi/map.go",
  line: 32,
  size: { 17: null, 24: 112, 27: 136 },
  fields: {
    Key: { at: 48, bytes: 8, line: 34 },
    Elem: { at: 56, bytes: 8, line: 35 },
    GroupSize: { at: 80, bytes: 8, line: 39 },
    /** Of a slot, a key and its element. */
    SlotSize: { at: { 17: null, 24: 88, 27: null }, bytes: 8, line: 40, release: "go1.26.8" },
    /** In a slot; Go 1.27 has it, but not for groups that hold the keys apart from the elements. */
    ElemOff: { at: { 17: null, 24: 96, 27: 120 }, bytes: 8, line: 59 },
    /** In a group. */
    KeysOff: { at: { 17: null, 27: 88 }, bytes: 8, line: 55 },
    KeyStride: { at: { 17: null, 27: 96 }, bytes: 8, line: 56 },
    ElemsOff: { at: { 17: null, 27: 104 }, bytes: 8, line: 57 },
    ElemStride: { at: { 17: null, 27: 112 }, bytes: 8, line: 58 },
  },
});

/** A group has a control byte for each slot, then the slots. */
export const groupSlots = goValue({
  value: 8,
  says: { 17: null, 24: "internal/abi.SwissMapGroupSlots", 26: "internal/abi.MapGroupSlots" },
  file: "src/internal/abi/map.go",
  line: 18,
});

/** Larger keys, and larger elements, are kept elsewhere: a slot has their addresses. */
export const maxInline = {
  key: goValue({
    value: 128,
    says: { 17: null, 24: "internal/abi.SwissMapMaxKeyBytes", 26: "internal/abi.MapMaxKeyBytes" },
    file: "src/internal/abi/map.go",
    line: 22,
  }),
  elem: goValue({
    value: 128,
    says: { 17: null, 24: "internal/abi.SwissMapMaxElemBytes", 26: "internal/abi.MapMaxElemBytes" },
    file: "src/internal/abi/map.go",
    line: 23,
  }),
};

/** Control byte of a slot that was never used; other slots not in use have its bit too. */
export const emptySlot = goValue({
  value: 0x80,
  says: { 17: null, 24: "internal/runtime/maps.ctrlEmpty" },
  file: "src/internal/runtime/maps/group.go",
  line: 22,
});

export const swissMap = goStruct({
  struct: { 17: null, 24: "internal/runtime/maps.Map" },
  file: "src/internal/runtime/maps/map.go",
  line: 214,
  fields: {
    used: { bytes: 8, line: 218 },
    dirPtr: { bytes: 8, line: 242 },
    dirLen: { bytes: 8, line: 243 },
  },
});

export const swissTable = goStruct({
  struct: { 17: null, 24: "internal/runtime/maps.table" },
  file: "src/internal/runtime/maps/table.go",
  line: 34,
  fields: { groups: { bytes: 16, line: 71 } },
});

export const swissGroups = goStruct({
  struct: { 17: null, 24: "internal/runtime/maps.groupsReference" },
  file: "src/internal/runtime/maps/group.go",
  line: 313,
  fields: {
    data: { bytes: 8, line: 316 },
    lengthMask: { bytes: 8, line: 321 },
  },
});
