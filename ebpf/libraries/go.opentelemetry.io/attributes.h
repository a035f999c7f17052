/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Attributes and options that the application hands to OpenTelemetry's API, as Go has them in memory. The file that
 * includes this says where what is told goes: TOLD_OF(id) is a struct told, or 0.
 */
#pragma once

#include "told.h"

volatile const u16 key_value_key = ABSENT;
volatile const u16 key_value_value = ABSENT;
volatile const u16 value_type = ABSENT;
volatile const u16 value_number = ABSENT;
volatile const u16 value_text = ABSENT;
/* An array in an interface value. */
volatile const u16 value_slice = ABSENT;
/* Up to 0.20 it is called otherwise, and types have other numbers. */
volatile const u16 value_array = ABSENT;

/* The descriptor of KeyValue, which says how large one is. */
volatile const u64 key_value = 0;
/* The same of the package label, which is there up to 0.16. */
volatile const u64 older_key_value = 0;

/* Descriptors of the types of options: []KeyValue, time.Time, a function, SpanKind; 0: the program doesn't have it. */
volatile const u64 attribute_option = 0;
volatile const u64 timestamp_option = 0;
volatile const u64 function_option = 0;
volatile const u64 span_kind_option = 0;

/* A time.Time without its location. */
#define TIME_BYTES 16

/* Of one call. */
#define MAX_ATTRIBUTES 32
#define MAX_OPTIONS 8
/* Texts of an array. */
#define MAX_ELEMENTS 16

/* Go's kind of a value's type; 0: none, or one that this doesn't know. */
static __always_inline u8 kind_of_value(u64 type)
{
	/* go.opentelemetry.io/otel/attribute.Type: the last are arrays, one before 1.0. */
	static const u8 kinds[] = {0, GO_KIND_BOOL, GO_KIND_INT64, GO_KIND_FLOAT64, GO_KIND_STRING,
				   GO_KIND_ARRAY, GO_KIND_ARRAY, GO_KIND_ARRAY, GO_KIND_ARRAY};
	/* go.opentelemetry.io/otel/label.Type: numbers of 32 and 64 bits, with and without sign. */
	static const u8 older[] = {0, GO_KIND_BOOL, GO_KIND_INT32, GO_KIND_INT64, GO_KIND_UINT32,
				   GO_KIND_UINT64, GO_KIND_FLOAT32, GO_KIND_FLOAT64, GO_KIND_STRING, GO_KIND_ARRAY};

	if (!older_key_value)
		return type < sizeof(kinds) ? kinds[type] : 0;
	return type < sizeof(older) ? older[type] : 0;
}

/* The texts of an array of strings. A global function, as those below: verified once. */
__attribute__((noinline)) int tell_elements(u64 id, u64 data, u64 length)
{
	struct told *told = TOLD_OF(id);

	for (u32 i = 0; i < MAX_ELEMENTS && i < length; i++) {
		struct go_string text = read_string(data + i * sizeof(text));

		if (!tell_text(told, TOLD_element, 0, &text))
			return 0;
	}
	if (length > MAX_ELEMENTS)
		count(COUNTER_text_truncated);
	return 0;
}

/* Of a type's descriptor; 0 for none. */
static __always_inline u8 kind_of(u64 type)
{
	u8 kind = 0;

	if (type)
		read_user(&kind, sizeof(kind), type + GO_TYPE_KIND);
	return kind & GO_KIND_MASK;
}

static __always_inline void tell_array(struct told *told, u64 id, struct told_item *item, const struct go_string *key,
				       u64 value)
{
	struct go_iface array = {};
	struct go_string bytes = {};
	u64 element = 0, size;

	read_user(&array, sizeof(array), value + (value_slice != ABSENT ? value_slice : value_array));
	if (array.tab)
		element = read_word(array.tab + GO_ELEMENT);
	if (kind_of(array.tab) == GO_KIND_ARRAY) {
		item->about = read_word(array.tab + GO_ARRAY_LENGTH);
	} else if (element) {
		/* In older versions a pointer to a slice. */
		bytes = read_string(array.data);
		array.data = bytes.data;
		item->about = bytes.length;
		element = read_word(element + GO_ELEMENT);
		bytes = (struct go_string){};
	}
	item->type = kind_of(element);
	item->is_array = 1;
	size = element ? read_word(element + GO_TYPE_SIZE) : 0;
	if (item->type != GO_KIND_STRING) {
		bytes.data = array.data;
		bytes.length = item->about < MAX_TOLD_VALUE ? item->about * size : MAX_TOLD_VALUE + 1;
	}
	if (tell(told, item, key, &bytes) && item->type == GO_KIND_STRING)
		tell_elements(id, array.data, item->about);
}

/* One attribute. */
__attribute__((noinline)) int tell_attribute(u64 id, u64 pair, enum told_kind kind)
{
	struct told_item item = {.kind = kind};
	struct told *told = TOLD_OF(id);
	struct go_string key, text = {};
	u64 value = pair + key_value_value;

	if (!told)
		return 0;
	key = read_string(pair + key_value_key);
	item.type = kind_of_value(read_word(value + value_type));
	if (!item.type) {
		told->counts.dropped_attributes++;
		return 0;
	}
	if (item.type == GO_KIND_ARRAY) {
		tell_array(told, id, &item, &key, value);
		return 0;
	}
	if (item.type == GO_KIND_STRING)
		text = read_string(value + value_text);
	else
		item.number = read_word(value + value_number);
	tell(told, &item, &key, &text);
	return 0;
}

/* A []attribute.KeyValue. */
__attribute__((noinline)) int tell_attributes(u64 id, u64 data, u64 length, enum told_kind kind)
{
	struct told *told = TOLD_OF(id);
	u64 size;

	if (!told || !length || value_type == ABSENT || !key_value)
		return 0;
	size = read_word(key_value + GO_TYPE_SIZE);
	for (u32 i = 0; i < MAX_ATTRIBUTES && i < length; i++)
		tell_attribute(id, data + i * size, kind);
	if (length > MAX_ATTRIBUTES)
		told->counts.dropped_attributes += length - MAX_ATTRIBUTES;
	return 0;
}

/* Literals of functions that keep nothing lie where descriptors of types do, all others in Go's heap. */
#define READ_ONLY_DATA (1ULL << 28)

/* What trace.WithSpanKind returns since 1.0 keeps nothing but the kind; other such options keep a slice, or nothing. */
static __always_inline void tell_function_option(struct told *told, u64 function)
{
	const struct go_string none = {};
	u64 kind;

	if (function - function_option + READ_ONLY_DATA < 2 * READ_ONLY_DATA)
		return;
	kind = read_word(function + sizeof(u64));
	if (kind >= 1 && kind <= 5)
		tell_text(told, TOLD_span_kind, kind, &none);
}

__attribute__((noinline)) int tell_option(u64 id, u64 option, enum told_kind attributes, enum told_kind time)
{
	struct told *told = TOLD_OF(id);
	struct go_iface any = {};
	struct go_string text = {};
	u64 type;

	if (!told || read_user(&any, sizeof(any), option) || !any.tab)
		return 0;
	type = read_word(any.tab + GO_ITAB_TYPE);
	if (type == attribute_option) {
		text = read_string(any.data);
		tell_attributes(id, text.data, text.length, attributes);
	} else if (type == timestamp_option) {
		text.data = any.data;
		text.length = TIME_BYTES;
		tell_text(told, time, 0, &text);
	} else if (type == function_option) {
		tell_function_option(told, any.data);
	} else if (type == span_kind_option) {
		tell_text(told, TOLD_span_kind, read_word(any.data), &text);
	}
	return 0;
}

/* A slice of options, the last two of which say what is made of them. */
static __always_inline void tell_options(u64 id, u64 data, u64 length, enum told_kind attributes, enum told_kind time)
{
	for (u32 i = 0; i < MAX_OPTIONS && i < length; i++)
		tell_option(id, data + i * sizeof(struct go_iface), attributes, time);
}

/* Errors whose message is the first field of what they point to: errors.New, fmt.Errorf with %w once and more often. */
volatile const u64 error_string_itab = 0;
volatile const u64 wrap_error_itab = 0;
volatile const u64 wrap_errors_itab = 0;

/* An error value that is not nil. Its message is what a method makes of it, and so is not known of all types. */
static __always_inline int tell_error(struct told *told, u64 itab, u64 data)
{
	const struct go_string none = {};
	struct told_item item = {.kind = TOLD_error, .number = bpf_ktime_get_ns()};
	struct go_string message = {};

	item.about = read_word(itab + GO_ITAB_TYPE);
	if (itab == error_string_itab || itab == wrap_error_itab || itab == wrap_errors_itab)
		message = read_string(data);
	return tell(told, &item, &none, &message);
}
