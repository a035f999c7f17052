/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Headers that the user wants to have on spans: copied out of an http.Header while it is what was sent, and handed to
 * the agent in a record of their own, before the span's. Who includes this has said which headers it wants itself:
 * go_header.h.
 */
#pragma once

#include "captured_names.h"
#include "events.h"
#include "text.h"

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
