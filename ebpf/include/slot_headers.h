/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * What a slot of message_slots.h gets: a message's own headers, and ours behind them, whose names and values are the
 * slot's text.
 */
#pragma once

#include "message_slots.h"
#include "outgoing_fields.h"
#include "own_headers.h"
#include "pending_head.h"

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
