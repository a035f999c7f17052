/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Finds headers in an http.Header, a Go map[string][]string, without its hash function: by a scan.
 *
 * Swiss maps (Go 1.24+, internal/runtime/maps): eight slots a group, behind eight control bytes whose top bit is
 * clear for a full slot; a small map is one group, a larger one a directory of tables of groups.
 * Buckets (Go up to 1.23, and GOEXPERIMENT=noswissmap, runtime/map.go): eight slots behind eight tophash bytes,
 * 5 and more for a full slot; overflow buckets behind, and the old array while the map grows.
 * Both are an array of eight slots behind eight marks, so one scan serves them.
 *
 * Which headers are wanted a library says: before it includes this file by an `enum header`, whose last member is
 * HEADERS, and behind it by classify() and found_headers(). Which ones the user wants, captured_headers.h knows.
 */
#pragma once

#include "found_headers.h"

/* Set from the descriptor of the map's own type. Bytes. */
struct map_layout {
	/* 1: buckets, 0: swiss groups. */
	u16 buckets;
	/* Of a group, or of a bucket. */
	u16 group_size;
	u16 keys_offset;
	u16 key_stride;
	u16 elems_offset;
	u16 elem_stride;
};

volatile const struct map_layout header_map = {};

volatile const u16 map_used = ABSENT;
volatile const u16 map_directory = ABSENT;
volatile const u16 map_directory_length = ABSENT;
volatile const u16 table_groups = ABSENT;
volatile const u16 groups_data = ABSENT;
volatile const u16 groups_length_mask = ABSENT;

volatile const u16 hmap_flags = ABSENT;
volatile const u16 hmap_b = ABSENT;
volatile const u16 hmap_buckets = ABSENT;
volatile const u16 hmap_old_buckets = ABSENT;

/* What lies behind these many is not looked at, and counted: 8192 slots of either kind. */
#define MAX_TABLES 8
#define MAX_GROUPS 128
#define MAX_OVERFLOW 8

#define SLOTS_A_READ 4
#define MAX_SLOT 40

/* Small letters of eight bytes at once; '-' and digits have the bit already. */
#define SMALL 0x2020202020202020ULL

/* Which of the library's headers a key is, or HEADERS. */
static __always_inline u32 classify(const struct go_string *key);

/* Whether the slot of this mark holds an entry. */
static __always_inline int is_full(u8 mark)
{
	return header_map.buckets ? mark >= MIN_TOPHASH : !(mark & EMPTY_SLOT);
}

/* Eight marks and, where the keys follow them at once, the first half of the slots. */
#define HALF (SLOTS_A_READ * MAX_SLOT)

struct half_group {
	u8 marks[MAP_SLOTS];
	u8 slots[HALF];
};

static __always_inline int any_full(const u8 *marks)
{
	return is_full(marks[0]) || is_full(marks[1]) || is_full(marks[2]) || is_full(marks[3]);
}

/* Where the first of a header's values is; `slot` is a copy of its key and what lies behind it. */
static __always_inline u64 first_of(const u8 *slot, u64 group, u32 index)
{
	struct {
		u64 data;
		u64 length;
	} values = {};

	if (header_map.elems_offset == header_map.keys_offset + sizeof(struct go_string) &&
	    header_map.key_stride >= sizeof(struct go_string) + sizeof(values))
		__builtin_memcpy(&values, slot + sizeof(struct go_string), sizeof(values));
	else
		read_user(&values, sizeof(values), group + header_map.elems_offset + index * header_map.elem_stride);
	return values.length ? values.data : 0;
}

/*
 * Looks for our headers in the eight slots at `group`. A global function, verified once and with scalars alone, so
 * that loops over many groups stay cheap for the verifier. The frames of a chain of calls have to fit in 512
 * bytes on kernels without a private stack: hence four slots a read. A read costs 0.1 us, whatever its size.
 *
 * A page that Go has not touched yet can't be read. A group that crosses into one is read slot by slot, and only
 * the full ones, which have been written (a bulk read alone missed 1 % of the headers of a fresh process).
 */
__attribute__((noinline)) int scan_group(u64 group, u64 goid)
{
	u32 stride = header_map.key_stride;
	struct half_group half;
	int bulk;

	if (stride > MAX_SLOT || stride < sizeof(struct go_string))
		return 0;
	bulk = header_map.keys_offset == MAP_SLOTS &&
	       !bpf_probe_read_user(&half, MAP_SLOTS + SLOTS_A_READ * stride, (const void *)group);
	if (!bulk && read_user(half.marks, MAP_SLOTS, group))
		return 0;
	for (u32 first = 0; first < MAP_SLOTS; first += SLOTS_A_READ) {
		u64 at = group + header_map.keys_offset + first * stride;

		if (!any_full(half.marks + first))
			continue;
		if (first || header_map.keys_offset != MAP_SLOTS)
			bulk = !bpf_probe_read_user(half.slots, SLOTS_A_READ * stride, (const void *)at);
		for (u32 i = 0; i < SLOTS_A_READ; i++) {
			u8 *slot = half.slots + i * stride;
			struct found_headers *found;
			u32 header;

			if (!is_full(half.marks[first + i]) || (!bulk && read_user(slot, stride, at + i * stride)))
				continue;
			header = classify((struct go_string *)slot);
			if (header < HEADERS && (found = found_headers(goid)))
				found->first_values[header] = first_of(slot, group, first + i);
		}
	}
	return 0;
}

/* The same for headers that the user wants: captured_headers.h. */
int capture_group(u64 group, u64 goid);

/*
 * 1: headers may be wanted, now or later. Else the verifier need not look at what captures them, which takes it longer
 * than all the rest of a program.
 */
volatile const u8 captures_headers = 0;

/* What a map is looked through for. */
enum purpose {
	PURPOSE_own_headers,
	PURPOSE_captured_headers,
};

/* An array of `length` groups, or of buckets with their overflow. */
static __always_inline void walk_groups(u64 groups, u64 length, u64 goid, const enum purpose purpose)
{
	for (u32 i = 0; i < MAX_GROUPS && i < length; i++) {
		u64 group = groups + (u64)i * header_map.group_size;
		u64 next = 0;

		for (u32 j = 0; j < MAX_OVERFLOW; j++) {
			if (purpose == PURPOSE_own_headers)
				scan_group(group, goid);
			else
				capture_group(group, goid);
			if (!header_map.buckets)
				break;
			/* Where a page was never touched, there is no further bucket: that is no failed read. */
			if (bpf_probe_read_user(&next, sizeof(next),
						(const void *)(group + header_map.group_size - sizeof(u64))) ||
			    !next)
				break;
			group = next;
		}
	}
}

/* Two functions, as the frames of a chain of calls count even where it is never taken. */
__attribute__((noinline)) int scan_groups(u64 groups, u64 length, u64 goid)
{
	walk_groups(groups, length, goid, PURPOSE_own_headers);
	return 0;
}

__attribute__((noinline)) int capture_groups(u64 groups, u64 length, u64 goid)
{
	if (captures_headers)
		walk_groups(groups, length, goid, PURPOSE_captured_headers);
	return 0;
}

static __always_inline void look_through(u64 groups, u64 length, u64 goid, const enum purpose purpose)
{
	if (purpose == PURPOSE_own_headers)
		scan_groups(groups, length, goid);
	else
		capture_groups(groups, length, goid);
}

/* internal/runtime/maps.Map begins with its count, then seed, directory and the directory's length. */
#define MAP_HEAD 32

static __always_inline void find_in_swiss_map(u64 map, u64 goid, const enum purpose purpose)
{
	u64 head[MAP_HEAD / sizeof(u64)];
	u64 directory, length, last = 0;

	if (map_used > MAP_HEAD - sizeof(u64) || map_directory > MAP_HEAD - sizeof(u64) ||
	    map_directory_length > MAP_HEAD - sizeof(u64))
		return;
	if (bpf_probe_read_user(head, sizeof(head), (const void *)map)) {
		/* It crosses into a page not yet touched: what is there is 0. */
		head[map_used / sizeof(u64)] = read_word(map + map_used);
		head[map_directory / sizeof(u64)] = read_word(map + map_directory);
		length = 0;
		bpf_probe_read_user(&length, sizeof(length), (const void *)(map + map_directory_length));
		head[map_directory_length / sizeof(u64)] = length;
	}
	directory = head[map_directory / sizeof(u64)];
	length = head[map_directory_length / sizeof(u64)];
	if (!head[map_used / sizeof(u64)])
		return;
	if (!length) {
		look_through(directory, 1, goid, purpose);
		return;
	}
	/* A table stands at several places of the directory, one behind the other. */
	for (u32 i = 0; i < MAX_TABLES && i < length; i++) {
		u64 table = read_word(directory + i * sizeof(u64));

		if (table != last)
			look_through(read_word(table + table_groups + groups_data),
				     read_word(table + table_groups + groups_length_mask) + 1, goid, purpose);
		last = table;
	}
	if (length > MAX_TABLES)
		count(COUNTER_field_unreadable);
}

static __always_inline void find_in_buckets(u64 buckets, u64 length, u64 goid, const enum purpose purpose)
{
	for (u32 i = 0; i < MAX_TABLES && i * MAX_GROUPS < length; i++)
		look_through(buckets + (u64)i * MAX_GROUPS * header_map.group_size, length - i * MAX_GROUPS, goid,
			     purpose);
	if (length > MAX_TABLES * MAX_GROUPS)
		count(COUNTER_field_unreadable);
}

static __always_inline void find_in_hmap(u64 map, u64 goid, const enum purpose purpose)
{
	u64 buckets = read_word(map + hmap_buckets);
	u64 old = read_word(map + hmap_old_buckets);
	u8 b = 0, flags = 0;

	read_user(&b, sizeof(b), map + hmap_b);
	read_user(&flags, sizeof(flags), map + hmap_flags);
	if (buckets)
		find_in_buckets(buckets, 1ULL << (b & 31), goid, purpose);
	/* What has moved to the new array is marked as evacuated in the old one. */
	if (old)
		find_in_buckets(old, 1ULL << ((flags & SAME_SIZE_GROW ? b : b - 1) & 31), goid, purpose);
}

/* Looks through the http.Header at `map`. */
static __always_inline void find_headers(u64 map, u64 goid, const enum purpose purpose)
{
	if (!map)
		return;
	if (header_map.buckets)
		find_in_hmap(map, goid, purpose);
	else
		find_in_swiss_map(map, goid, purpose);
}
