/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Places in the target's memory for lists of headers that are longer by ours, while a message is encoded: in the part of
 * the main thread's stack that no Go program without cgo ever uses (src/target/stack-room.ts). A list may be of any
 * library whose headers are a name and a value, a Go string and a slice of bytes.
 *
 * A slot belongs to the goroutine that encodes, from its first message until the library says that it is done. An
 * encoding that is given up leaves it with its goroutine, which takes the same one again; when that has ended the agent
 * gives it back (src/kernel/message-slots.ts).
 */
#pragma once

#include "go.h"
#include "outgoing_fields.h"
#include "own_headers.h"
#include "pending_head.h"

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

/* What a slot will hold: put together here, by its owner alone. */
struct slot_image {
	struct outgoing_head head;
	struct message_slot slot;
	/* Headers of the application's own: bits of enum own_field. */
	u8 found;
	u8 _pad[7];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_SLOTS);
	__type(key, u32);
	__type(value, struct slot_image);
} slot_images SEC(".maps");

/* What is to be added to a message, and what may not be exceeded. */
struct added_headers {
	struct span_context context;
	/* Both may be empty; in the target's memory. */
	struct handed_on tracestate;
	struct handed_on baggage;
	/* Bytes that all messages which are encoded together may still get. */
	u64 room;
};

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

/* Takes a header's name into account. 0: it can't be read. A global function, verified once. */
__attribute__((noinline)) int note_own_header(u32 number, u32 index)
{
	struct slot_image *image = bpf_map_lookup_elem(&slot_images, &number);

	return image && index < SLOT_HEADERS && note_name(&image->found, &image->slot.headers[index].name);
}

/* Copies the application's headers. 0: they can't be read. */
static __always_inline int copy_own_headers(struct slot_image *image, u32 number, const struct go_slice *list)
{
	u64 bytes = list->length * sizeof(struct message_header);

	image->found = 0;
	if (!list->length)
		return 1;
	barrier_var(bytes);
	if (bytes > (SLOT_HEADERS - 1) * sizeof(struct message_header) ||
	    bpf_probe_read_user(image->slot.headers, bytes, (const void *)list->data))
		return 0;
	for (u32 i = 0; i < SLOT_HEADERS - 1 && i < list->length; i++)
		if (!note_own_header(number, i))
			return 0;
	return 1;
}

/* A length that put_length() has written at `at` of the text: it, and in `at` where it ends. */
static __always_inline u32 length_at(const u8 *text, u32 *at)
{
	u32 from = *at & 1023, length = text[from];

	*at = from + 1;
	if (length < 127)
		return length;
	length += text[(from + 1) & 1023] & 127;
	*at = from + 2;
	if (text[(from + 1) & 1023] & 128) {
		length += text[(from + 2) & 1023] << 7;
		*at = from + 3;
	}
	return length;
}

/*
 * Adds the field at `at` of the text to the list, whose `index`th header it becomes; `text` is where the slot has it in
 * the target's memory. Where the next one begins; 0: there is no room. A global function, verified once.
 */
__attribute__((noinline)) int add_header(u32 number, u32 index, u32 at, u64 text)
{
	struct slot_image *image = bpf_map_lookup_elem(&slot_images, &number);
	struct message_header *header;
	u32 length;

	if (!image || index >= SLOT_HEADERS)
		return 0;
	header = &image->slot.headers[index];
	/* Behind the byte that says "without indexing". */
	at++;
	length = length_at(image->head.text, &at);
	header->name.data = text + at;
	header->name.length = length;
	at += length;
	length = length_at(image->head.text, &at);
	header->value.data = text + at;
	header->value.length = length;
	header->value.capacity = length;
	at += length;
	return at <= SLOT_TEXT ? at : 0;
}

/* Behind the application's headers. How many the list has then; 0: there is no room for all. */
static __always_inline u32 add_headers(struct slot_image *image, u32 number, u64 slot, u32 own)
{
	u64 text = slot + __builtin_offsetof(struct message_slot, text);
	u32 at = 0;

	for (u32 i = 0; i < MAX_ADDED; i++) {
		if (at >= image->head.length)
			return own + i;
		at = add_header(number, own + i, at, text);
		if (!at)
			return 0;
	}
	return at == image->head.length ? own + MAX_ADDED : 0;
}

/* The slot's memory gets its image: the application's headers and ours, then what ours consist of. */
static __always_inline int write_slot(struct slot_image *image, u64 slot, u32 headers)
{
	const u32 list = sizeof(image->slot.headers);

	return write_user(slot, image->slot.headers, headers * sizeof(struct message_header), list) ||
	       write_user(slot + list, image->slot.text, SLOT_BYTES - list, SLOT_BYTES - list);
}

/* Bytes that a list gets longer by: names, values and their lengths are in the text, and the number of headers grows. */
static __always_inline u32 added_bytes(const struct outgoing_head *head)
{
	return head->length + MAX_ADDED + 2;
}

/*
 * What goes on with a message: the fields that are needed, and tracestate and baggage where all have room. 0: there is
 * no room.
 */
static __always_inline int fit_into_message(struct outgoing_head *head, u32 needed, u64 used, u64 room)
{
	if (head->length > SLOT_TEXT) {
		count_outgoing(OUTGOING_left_out);
		head->length = needed;
	}
	return used + added_bytes(head) <= room;
}

static __always_inline enum outgoing_count fill_slot(u32 number, u64 slot, const struct go_slice *own,
						     struct added_headers *added, u32 formats)
{
	struct slot_image *image = bpf_map_lookup_elem(&slot_images, &number);
	struct slot_owner *owner = bpf_map_lookup_elem(&slot_owners, &number);
	struct go_slice list = {.data = slot};
	u32 needed;

	if (!image || !owner)
		return OUTGOING_unreadable;
	if (own->length > SLOT_HEADERS - 1)
		return OUTGOING_head_too_long;
	if (!copy_own_headers(image, number, own))
		return OUTGOING_unreadable;
	formats = formats_beside(formats, image->found);
	if (!formats)
		return OUTGOING_own_header;
	if (image->found & OWN_FIELD_tracestate)
		added->tracestate.text.length = 0;
	image->head.length = 0;
	needed = append_fields(&image->head, formats, &added->context, &added->tracestate, &added->baggage);
	if (!fit_into_message(&image->head, needed, owner->added, added->room))
		return OUTGOING_head_too_long;
	list.length = add_headers(image, number, slot, own->length);
	if (!list.length)
		return OUTGOING_head_too_long;
	list.capacity = list.length;
	__builtin_memcpy(image->slot.text, image->head.text, SLOT_TEXT);
	image->slot.user = owner->user;
	/* The list refers to the slot last, first by its address: with the old length it still says what it said. */
	if (write_slot(image, slot, list.length) || write_user(owner->user.list, &list, sizeof(list), sizeof(list)))
		return OUTGOING_refused;
	owner->added += added_bytes(&image->head);
	return OUTGOING_written;
}

/*
 * Puts headers behind those of the list at `list`, which its owner reads before it says that it is done, and which is no
 * list of the application's: the application's headers themselves are copied.
 */
static __always_inline enum outgoing_count put_headers(struct pt_regs *ctx, u64 goid, u64 list,
							const struct go_slice *own, struct added_headers *added,
							u32 formats)
{
	u32 key = 0;
	const struct slot_settings *settings = bpf_map_lookup_elem(&slot_settings, &key);
	u32 number;

	if (!settings || !settings->slots)
		return OUTGOING_no_room;
	number = slot_for(settings, goid, GO_G(ctx) + g_goid, list);
	if (number >= MAX_SLOTS)
		return OUTGOING_no_room;
	return fill_slot(number, settings->first + number * SLOT_BYTES, own, added, formats);
}
