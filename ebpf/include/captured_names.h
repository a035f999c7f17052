/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Which keys of a program's map are those of headers that are wanted: find_headers() of go_header.h asks for each group. */
#pragma once

#include "capture.h"

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
