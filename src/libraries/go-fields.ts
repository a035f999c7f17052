/** Fields of Go's runtime that programs of several libraries read (ebpf/include/go.h, go_header.h). */
import { type Fields, fieldNames, type StructFact } from "../binary/go-facts/fact.ts";
import { g, m, p, panic } from "../binary/go-facts/goroutine.ts";
import { hmap, swissGroups, swissMap, swissTable } from "../binary/go-facts/maps.ts";
import { type FieldSpec, optional } from "./descriptor.ts";

function goField<F extends Fields>(struct: StructFact<F>, key: keyof F & string): FieldSpec {
  return { names: fieldNames(struct, key) };
}

export const goroutineFields = {
  g_goid: goField(g, "goid"),
} as const satisfies Record<string, FieldSpec>;

/** What programs need that open spans: ebpf/include/open_span.h. Without them fewer parents are found. */
export const openSpanFields = {
  g_parent_goid: optional(goField(g, "parentGoid")),
  g_startpc: optional(goField(g, "startpc")),
  g_m: optional(goField(g, "m")),
  m_p: optional(goField(m, "p")),
  p_goid_cache: optional(goField(p, "goidcache")),
  p_goid_cache_end: optional(goField(p, "goidcacheend")),
} as const satisfies Record<string, FieldSpec>;

/** What programs of routers need: ebpf/include/http_router.h. */
export const routerFields = {
  g_goid: goField(g, "goid"),
  g_stack: goField(g, "stack"),
  request_context: { names: ["net/http.Request.ctx"] },
} as const satisfies Record<string, FieldSpec>;

/** What programs need whose operations end at return sites: ebpf/include/return_site.h. */
export const returnFields = {
  g_stack: goField(g, "stack"),
} as const satisfies Record<string, FieldSpec>;

/** Where a goroutine that isn't running stands on its stack. */
export const schedFields = {
  g_sched: optional(goField(g, "sched")),
} as const satisfies Record<string, FieldSpec>;

export const panicFields = {
  g_panic: goField(g, "_panic"),
  panic_arg: goField(panic, "arg"),
  panic_goexit: goField(panic, "goexit"),
} as const satisfies Record<string, FieldSpec>;

function swiss<F extends Fields>(struct: StructFact<F>, key: keyof F & string): FieldSpec {
  return { ...goField(struct, key), onlyWithMaps: "swiss" };
}

function buckets(key: keyof (typeof hmap)["fields"]): FieldSpec {
  return { ...goField(hmap, key), onlyWithMaps: "buckets" };
}

/** How to walk a map: groups since Go 1.24, buckets before and with GOEXPERIMENT=noswissmap. */
export const mapFields = {
  map_used: swiss(swissMap, "used"),
  map_directory: swiss(swissMap, "dirPtr"),
  map_directory_length: swiss(swissMap, "dirLen"),
  table_groups: swiss(swissTable, "groups"),
  groups_data: swiss(swissGroups, "data"),
  groups_length_mask: swiss(swissGroups, "lengthMask"),
  hmap_flags: buckets("flags"),
  hmap_b: buckets("B"),
  hmap_buckets: buckets("buckets"),
  hmap_old_buckets: buckets("oldbuckets"),
} as const satisfies Record<string, FieldSpec>;
