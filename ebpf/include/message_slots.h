/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Places in the target's memory for lists of headers that are longer by ours, while a message is encoded: in the part of
 * the main thread's stack that no Go program without cgo ever uses (src/target/stack-room.ts). A list may be of any
 * library whose headers are a name and a value, a Go string and a slice of bytes.
 *
 * A slot belongs to the goroutine that encodes, from its first message until the library says that it is done. An
 * encoding that is given up leaves it with its goroutine, which takes the same one again; when that has ended the agent
 * gives it back (src/kernel/message-slots.ts). What a slot gets: slot_headers.h.
 */
#pragma once

#include "go.h"

struct message_header {
	struct go_string name;
	struct go_slice value;
};

/* Of a list: those of the application and ours. */
#define SLOT_HEADERS 32
#define SLOT_TEXT 736
/* Ours are seven at most. */
#define MAX_ADDED 7

/* In the memory of each slot that has been used: whether somebody may still read it. No text begins like that. */
enum slot_mark {
	SLOT_used = 0x7e6f6701,
	SLOT_done = 0x7e6f6702,
};

/* Whose slot it is: also in the slot itself, for an agent that comes after one that was killed. */
struct slot_user {
	enum slot_mark mark;
	u32 _pad;
	/*
	 * The goroutine: its id, which is never used again, and where that stands. Go keeps the memory of goroutines that have
	 * ended for later ones: as long as the id stands there the goroutine may go on.
	 */
	u64 goid;
	u64 goid_at;
	/* The slice that refers to the slot: its first word is the slot's address while it does. */
	u64 list;
};

struct message_slot {
	struct message_header headers[SLOT_HEADERS];
	/* Names and values of ours, as append_fields() has them. */
	u8 text[SLOT_TEXT];
	struct slot_user user;
};

#define SLOT_BYTES 2048
_Static_assert(sizeof(struct message_slot) == SLOT_BYTES, "slots lie side by side, none on two pages");

/* Written by the agent: where the first one is, and how many lie behind each other. 0: there is none. */
struct slot_settings {
	u64 first;
	u32 slots;
	u32 _pad;
};

#define MAX_SLOTS 64

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct slot_settings);
} slot_settings SEC(".maps");

struct slot_owner {
	struct slot_user user;
	/* CLOCK_MONOTONIC, nanoseconds: when it was last written. 0: by an agent before. */
	u64 used_ns;
	/* Bytes that have been added to what is encoded. */
	u64 added;
};

/* By the slot's number. One without an entry is free. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_SLOTS);
	__type(key, u32);
	__type(value, struct slot_owner);
} slot_owners SEC(".maps");

/* The slot of a goroutine. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_SLOTS);
	__type(key, u64);
	__type(value, u32);
} slots_by_goid SEC(".maps");

/* A free slot for the goroutine; MAX_SLOTS: there is none. */
static __always_inline u32 take_slot(const struct slot_settings *settings, const struct slot_owner *owner)
{
	u64 goid = owner->user.goid;
	u32 slots = settings->slots;

	for (u32 i = 0; i < MAX_SLOTS && i < slots; i++) {
		/* From a place of its own on, so that two rarely want the same one. */
		u32 number = (goid + i) % slots;

		if (bpf_map_update_elem(&slot_owners, &number, owner, BPF_NOEXIST))
			continue;
		if (!bpf_map_update_elem(&slots_by_goid, &goid, &number, BPF_ANY))
			return number;
		bpf_map_delete_elem(&slot_owners, &number);
		break;
	}
	return MAX_SLOTS;
}

/* The goroutine's slot, which this list is to refer to; MAX_SLOTS: there is none. */
static __always_inline u32 slot_for(const struct slot_settings *settings, u64 goid, u64 goid_at, u64 list)
{
	struct slot_owner fresh = {
		.user = {.mark = SLOT_used, .goid = goid, .goid_at = goid_at, .list = list},
		.used_ns = bpf_ktime_get_ns(),
	};
	const u32 *number = bpf_map_lookup_elem(&slots_by_goid, &goid);
	struct slot_owner *owner;

	if (!number)
		return take_slot(settings, &fresh);
	owner = bpf_map_lookup_elem(&slot_owners, number);
	if (!owner)
		return MAX_SLOTS;
	owner->used_ns = fresh.used_ns;
	if (owner->user.list != list) {
		/* Of an encoding that was given up. */
		owner->user = fresh.user;
		owner->added = 0;
	}
	return *number;
}

/* The goroutine has encoded all: nobody reads its slot any more. */
static __always_inline void release_slot(u64 goid)
{
	u32 key = 0;
	const struct slot_settings *settings = bpf_map_lookup_elem(&slot_settings, &key);
	const u32 *found = bpf_map_lookup_elem(&slots_by_goid, &goid);
	enum slot_mark done = SLOT_done;
	u32 number;

	if (!found || !settings)
		return;
	number = *found;
	bpf_probe_write_user((void *)(settings->first + number * SLOT_BYTES +
				      __builtin_offsetof(struct message_slot, user)),
			     &done, sizeof(done));
	bpf_map_delete_elem(&slots_by_goid, &goid);
	bpf_map_delete_elem(&slot_owners, &number);
}
