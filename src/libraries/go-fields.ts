/** Fields of Go's runtime that programs of several libraries read (ebpf/include/go.h, go_header.h). */
import { type FieldSpec, field } from "./descriptor.ts";

export const goroutineFields = {
  g_goid: field("runtime.g.goid"),
} as const satisfies Record<string, FieldSpec>;

export const panicFields = {
  g_panic: field("runtime.g._panic"),
  panic_arg: field("runtime._panic.arg"),
  panic_goexit: field("runtime._panic.goexit"),
} as const satisfies Record<string, FieldSpec>;

const swiss = (name: string): FieldSpec => ({ names: [name], onlyWithMaps: "swiss" });
const buckets = (name: string): FieldSpec => ({ names: [name], onlyWithMaps: "buckets" });

/** How to walk a map: groups since Go 1.24, buckets before and with GOEXPERIMENT=noswissmap. */
export const mapFields = {
  map_used: swiss("internal/runtime/maps.Map.used"),
  map_directory: swiss("internal/runtime/maps.Map.dirPtr"),
  map_directory_length: swiss("internal/runtime/maps.Map.dirLen"),
  table_groups: swiss("internal/runtime/maps.table.groups"),
  groups_data: swiss("internal/runtime/maps.groupsReference.data"),
  groups_length_mask: swiss("internal/runtime/maps.groupsReference.lengthMask"),
  hmap_flags: buckets("runtime.hmap.flags"),
  hmap_b: buckets("runtime.hmap.B"),
  hmap_buckets: buckets("runtime.hmap.buckets"),
  hmap_old_buckets: buckets("runtime.hmap.oldbuckets"),
} as const satisfies Record<string, FieldSpec>;
