/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What the application tells of a span that its API keeps nothing of: one item after the other, as they come. */
#pragma once

#include "text.h"

enum told_kind {
	TOLD_name,
	/* The tracer's name. */
	TOLD_scope,
	/* `number`: go.opentelemetry.io/otel/trace.SpanKind. */
	TOLD_span_kind,
	/* The value is a time.Time. */
	TOLD_start_time,
	TOLD_end_time,
	/* Of the event before. */
	TOLD_event_time,
	/* `number`: go.opentelemetry.io/otel/codes.Code. */
	TOLD_status,
	/* The value is of `type`; it stands in `number` when that is no text and no array. */
	TOLD_attribute,
	/* The same, of the event before. */
	TOLD_event_attribute,
	/* One text of the array before. */
	TOLD_element,
	/* `number`: when, of CLOCK_MONOTONIC, nanoseconds. */
	TOLD_event,
	/* A recorded error: `number` as above, `about` its type's descriptor; its message, where that can be read. */
	TOLD_error,
} __attribute__((packed));

/* The key follows, then the value. */
struct told_item {
	u64 number;
	/* Of an array: how many elements it has. */
	u64 about;
	u16 key_length;
	u16 value_length;
	enum told_kind kind;
	/* A kind of Go's types: of an array, that of its elements. */
	u8 type;
	u8 is_array;
	/* What follows is not the text but where it is: a constant may not be in the program's memory yet. */
	u8 unread;
};

#define UNREAD_KEY 1
#define UNREAD_VALUE 2

/* Bytes. An item begins before TOLD_BYTES. */
#define TOLD_BYTES 2048
#define MAX_TOLD_KEY 128
#define MAX_TOLD_VALUE 512

struct told_counts {
	/* Bytes of all items. */
	u32 length;
	/* Attributes that there was no room for, or whose type is not known. */
	u16 dropped_attributes;
	u16 dropped_events;
};

struct told {
	struct told_counts counts;
	u8 items[TOLD_BYTES + sizeof(struct told_item) + MAX_TOLD_KEY + MAX_TOLD_VALUE];
};

static __always_inline void count_dropped(struct told *told, enum told_kind kind)
{
	count(COUNTER_text_truncated);
	if (kind == TOLD_attribute || kind == TOLD_event_attribute)
		told->counts.dropped_attributes++;
	else if (kind == TOLD_event || kind == TOLD_error)
		told->counts.dropped_events++;
}

static __always_inline u16 bounded(u64 length, const u64 max)
{
	if (length > max)
		count(COUNTER_text_truncated);
	return length > max ? max : length;
}

/* Puts at most `max` bytes, a constant, of a text at `at` of the items, or else where it is. Returns how many are there. */
static __always_inline u16 copy_text(struct told *told, u32 at, const struct go_string *text, const u32 max, u8 *unread,
				     u8 mark)
{
	u64 length = bounded(text->length, max);

	if (!length || at > sizeof(told->items) - max)
		return 0;
	/* The compiler knows the bound and would drop the check that the verifier wants to see. */
	barrier_var(length);
	if (length > max)
		return 0;
	if (!bpf_probe_read_user(told->items + at, length, (const void *)text->data))
		return length;
	*unread |= mark;
	__builtin_memcpy(told->items + at, text, sizeof(*text));
	return sizeof(*text);
}

/* The value's `length` may be more than is kept. Not inlined: it stands at many places. */
static __attribute__((noinline)) int tell(struct told *told, struct told_item *item, const struct go_string *key,
					  const struct go_string *value)
{
	u32 at;

	if (!told)
		return 0;
	at = told->counts.length;
	if (at > TOLD_BYTES) {
		count_dropped(told, item->kind);
		return 0;
	}
	item->key_length = copy_text(told, at + sizeof(*item), key, MAX_TOLD_KEY, &item->unread, UNREAD_KEY);
	item->value_length = copy_text(told, at + sizeof(*item) + item->key_length, value, MAX_TOLD_VALUE,
				       &item->unread, UNREAD_VALUE);
	__builtin_memcpy(told->items + at, item, sizeof(*item));
	told->counts.length = at + sizeof(*item) + item->key_length + item->value_length;
	return 1;
}

static __always_inline int tell_text(struct told *told, enum told_kind kind, u64 number, const struct go_string *text)
{
	struct told_item item = {.kind = kind, .number = number};
	const struct go_string none = {};

	return tell(told, &item, &none, text);
}

static __always_inline u32 told_bytes(const struct told *told)
{
	u32 length = told->counts.length;

	if (length > sizeof(told->items))
		length = sizeof(told->items);
	/* The compiler would add first and compare after it; verifiers up to 6.12 want the sum of what was compared. */
	barrier_var(length);
	return length;
}
