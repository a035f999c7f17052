/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Headers that the user wants to have on spans: copied out of an http.Header while it is what was sent, and handed to
 * the agent in a record of their own, before the span's. Who includes this has said which headers it wants itself:
 * go_header.h.
 */
#pragma once

#include "events.h"
#include "go_header.h"
#include "span.h"
#include "text.h"

/* As src/config/values.ts has them: two of the limits of what a user may name. */
#define CAPTURED_NAMES 8
#define MAX_CAPTURED_NAME 64
#define NAME_MASK (2 * MAX_CAPTURED_NAME - 1)

/* Of one header: most values, most bytes of each. Of a request: most bytes behind which no more values are begun. */
#define MAX_CAPTURED_VALUES 8
#define MAX_CAPTURED_VALUE 256
#define CAPTURED_BYTES 2048

enum header_set {
	CAPTURED_server_request,
	CAPTURED_server_response,
	CAPTURED_client_request,
	CAPTURED_client_response,
	HEADERSETS,
} __attribute__((packed));

/* Names, which differ in capital letters from those in the program's maps. */
struct wanted_headers {
	/* Bit n - 1: one of them has n bytes. 0: none is wanted. */
	u64 lengths;
	u8 name_lengths[CAPTURED_NAMES];
	/* Bit i: of name i only that it is there; its value stays where it is. */
	u8 secrets;
	u8 _pad[7];
	/* Each of MAX_CAPTURED_NAME bytes, all of them with SMALL's bit, also behind its end. */
	u8 names[CAPTURED_NAMES * MAX_CAPTURED_NAME];
};

/* Written by the agent, also while it runs. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, HEADERSETS);
	__type(key, u32);
	__type(value, struct wanted_headers);
} wanted_headers SEC(".maps");

/* Begins a record; `length` bytes of values follow. */
struct captured_headers {
	struct record_header record;
	u8 span_id[8];
	u32 length;
	enum header_set set;
	u8 _pad[3];
};

/* Begins a value; `name_length` bytes of its header's name and `length` bytes of itself follow. */
struct captured_value {
	/* 0: another one of the header before. */
	u8 name_length;
	/* 1: it was longer. */
	u8 cut;
	u16 length;
};

/* An entry of the map that is wanted. */
struct found_entry {
	/* As the program has it. */
	u64 name[MAX_CAPTURED_NAME / sizeof(u64)];
	/* 0: not found. */
	u64 name_length;
	/* Where its values are, an array of strings, and how many. */
	struct go_string values;
	/* 1: that it is there is all to be told. */
	u64 is_secret;
};

/* What a program keeps while it captures: the frames of its functions have to fit in 512 bytes together. */
struct capture {
	struct captured_headers head;
	u8 bytes[CAPTURED_BYTES + sizeof(struct captured_value) + NAME_MASK + MAX_CAPTURED_VALUE];
	/* The value that is kept next. */
	struct captured_value value;
	/* The key that is looked at. */
	u64 key[MAX_CAPTURED_NAME / sizeof(u64)];
	struct found_entry found[CAPTURED_NAMES];
	/* Marks and slots of the group that is looked at. */
	u8 group[MAP_SLOTS + MAP_SLOTS * MAX_SLOT];
};

/* While a program runs. Keyed by goroutine, as another thread's program may run in its midst: a place per CPU won't do. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, u64);
	__type(value, struct capture);
} captures SEC(".maps");

/* What a new entry is copied from: the stack has no room for it. */
static const struct capture no_capture;

static __always_inline const struct wanted_headers *wanted_of(u32 set)
{
	return bpf_map_lookup_elem(&wanted_headers, &set);
}

static __always_inline int is_any_wanted(u32 set)
{
	const struct wanted_headers *wanted = captures_headers ? wanted_of(set) : 0;

	return wanted && wanted->lengths;
}

/* Copies a key's text. Returns 0 when it can't be read, or is no name of ours. */
static __always_inline u64 read_key(struct capture *capture, const struct go_string *key)
{
	u64 length = key->length;

	__builtin_memset(capture->key, 0, sizeof(capture->key));
	barrier_var(length);
	if (!length || length > MAX_CAPTURED_NAME || read_user(capture->key, length, key->data))
		return 0;
	return length;
}

/*
 * Which of the names the key of this goroutine's capture is, from 1 on; 0: none. A global function, verified once, and
 * without branches between names, which the verifier would multiply.
 */
__attribute__((noinline)) int name_of_key(u64 goid, u64 length)
{
	const struct capture *capture = captures_headers ? bpf_map_lookup_elem(&captures, &goid) : 0;
	const struct wanted_headers *wanted = capture ? wanted_of(capture->head.set) : 0;
	u64 found = 0;

	if (!capture || !wanted)
		return 0;
	for (u32 i = 0; i < CAPTURED_NAMES; i++) {
		const u64 *name = (const u64 *)(wanted->names + i * MAX_CAPTURED_NAME);
		u64 different = wanted->name_lengths[i] ^ length;

		for (u32 word = 0; word < MAX_CAPTURED_NAME / sizeof(u64); word++)
			different |= (capture->key[word] | SMALL) ^ name[word];
		barrier_var(different);
		found |= (((different | -different) >> 63) ^ 1) * (i + 1);
		/* Else the key's words are kept on the stack all the way. */
		barrier();
	}
	return found;
}

static __always_inline int has_wanted_length(const struct go_string *key, const struct wanted_headers *wanted)
{
	u64 bit = key->length - 1;

	return bit < 64 && wanted->lengths >> bit & 1;
}

/*
 * Notes which of the eight slots at `group` are wanted. A global function, verified once, as scan_group, whose words
 * about pages that can't be read hold here too.
 */
__attribute__((noinline)) int capture_group(u64 group, u64 goid)
{
	struct capture *capture = captures_headers ? bpf_map_lookup_elem(&captures, &goid) : 0;
	const struct wanted_headers *wanted = capture ? wanted_of(capture->head.set) : 0;
	u32 stride = header_map.key_stride;
	int bulk;

	if (!capture || !wanted || stride > MAX_SLOT || stride < sizeof(struct go_string))
		return 0;
	bulk = header_map.keys_offset == MAP_SLOTS &&
	       !bpf_probe_read_user(capture->group, MAP_SLOTS + MAP_SLOTS * stride, (const void *)group);
	if (!bulk && read_user(capture->group, MAP_SLOTS, group))
		return 0;
	for (u32 i = 0; i < MAP_SLOTS; i++) {
		struct go_string *key = (struct go_string *)(capture->group + MAP_SLOTS + i * stride);
		u64 key_at = group + header_map.keys_offset + i * stride;
		struct found_entry *found;
		u32 name;

		if (!is_full(capture->group[i]) || (!bulk && read_user(key, sizeof(*key), key_at)) ||
		    !has_wanted_length(key, wanted) || !read_key(capture, key))
			continue;
		name = name_of_key(goid, key->length);
		if (!name || name > CAPTURED_NAMES)
			continue;
		found = &capture->found[(name - 1) % CAPTURED_NAMES];
		__builtin_memcpy(found->name, capture->key, sizeof(found->name));
		found->name_length = key->length;
		found->is_secret = wanted->secrets >> (name - 1) & 1;
		/* A slice begins like a string. */
		if (!bulk || header_map.elems_offset != header_map.keys_offset + sizeof(*key))
			read_user(&found->values, sizeof(found->values),
				  group + header_map.elems_offset + i * header_map.elem_stride);
		else
			found->values = key[1];
	}
	return 0;
}

/*
 * Appends a value of entry `name` to what this goroutine captures; `name_length` is 0 for a further one. Verifiers
 * up to 6.12 lose a bound in 32-bit sums, and the compiler drops checks of bounds that it knows. Returns 1 when it is there.
 */
__attribute__((noinline)) int keep_value(u64 goid, u64 name, u64 name_length, u64 data, u64 length)
{
	struct capture *capture = captures_headers ? bpf_map_lookup_elem(&captures, &goid) : 0;
	int cut = length > MAX_CAPTURED_VALUE;
	const struct found_entry *found;
	u64 at;
	u8 *into;

	if (!capture)
		return 0;
	at = capture->head.length;
	barrier_var(at);
	if (cut || at > CAPTURED_BYTES)
		count(COUNTER_text_truncated);
	if (at > CAPTURED_BYTES)
		return 0;
	if (cut)
		length = MAX_CAPTURED_VALUE;
	barrier_var(length);
	if (length > MAX_CAPTURED_VALUE)
		return 0;
	/* A mask, as 5.10 doesn't carry the bound that a comparison gives over to a register's copy. */
	barrier_var(name_length);
	name_length &= NAME_MASK;
	capture->value.name_length = name_length;
	capture->value.cut = cut;
	capture->value.length = length;
	found = &capture->found[name % CAPTURED_NAMES];
	into = capture->bytes + at;
	__builtin_memcpy(into, &capture->value, sizeof(capture->value));
	into += sizeof(capture->value);
	for (u32 word = 0; word < MAX_CAPTURED_NAME / sizeof(u64); word++)
		*(u64 *)(into + word * sizeof(u64)) = found->name[word];
	into += name_length;
	if (length && read_user(into, length, data))
		return 0;
	capture->head.length = at + sizeof(capture->value) + name_length + length;
	return 1;
}

/* Keeps the values of an entry that was found. A global function, as above. */
__attribute__((noinline)) int capture_values(u64 goid, u64 name)
{
	struct capture *capture = captures_headers ? bpf_map_lookup_elem(&captures, &goid) : 0;
	const struct found_entry *found;
	u64 is_named = 0;

	if (!capture)
		return 0;
	found = &capture->found[name % CAPTURED_NAMES];
	if (!found->name_length || !found->values.length)
		return 0;
	if (found->is_secret) {
		keep_value(goid, name, found->name_length, 0, 0);
		return 0;
	}
	if (found->values.length > MAX_CAPTURED_VALUES)
		count(COUNTER_text_truncated);
	for (u32 i = 0; i < MAX_CAPTURED_VALUES && i < found->values.length; i++) {
		struct go_string value = read_string(found->values.data + i * sizeof(value));

		/* With the first that can be read goes the name. No branch, which the verifier would follow eight times. */
		is_named |= keep_value(goid, name, found->name_length & (is_named - 1), value.data, value.length) & 1;
	}
	return 0;
}

static __always_inline u32 bytes_captured(const struct capture *capture)
{
	u32 length = capture->head.length;

	if (length > sizeof(capture->bytes))
		length = sizeof(capture->bytes);
	/* As in text_bytes(). */
	barrier_var(length);
	return length;
}

/*
 * Sends the wanted headers among those of the http.Header at `map` for the span of this id. Returns how many records
 * that were: 0 when none is wanted, or there.
 */
__attribute__((noinline)) int capture_headers(u64 map, u64 goid, u64 set, u64 span_id)
{
	const struct wanted_headers *wanted = captures_headers ? wanted_of(set) : 0;
	struct capture *capture;
	int error = 0;
	u32 length;

	if (!map || !wanted || !wanted->lengths)
		return 0;
	if (bpf_map_update_elem(&captures, &goid, &no_capture, BPF_ANY) ||
	    !(capture = bpf_map_lookup_elem(&captures, &goid))) {
		count(COUNTER_headers_left_out);
		return 0;
	}
	capture->head.record.library = library_id;
	capture->head.record.kind = RECORD_captured_headers;
	capture->head.set = set;
	*(u64 *)capture->head.span_id = span_id;
	find_headers(map, goid, PURPOSE_captured_headers);
	for (u32 i = 0; i < CAPTURED_NAMES; i++)
		if (capture->found[i].name_length)
			capture_values(goid, i);
	length = bytes_captured(capture);
	if (length)
		error = send(capture, sizeof(capture->head) + length);
	if (error)
		count(COUNTER_headers_left_out);
	bpf_map_delete_elem(&captures, &goid);
	return length && !error;
}
