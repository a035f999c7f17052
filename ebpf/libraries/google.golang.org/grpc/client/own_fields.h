/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Header fields that a call has without ours: which of them stand in the way of trace context, and how long a list they
 * are.
 */
#pragma once

#include "outgoing_call.h"
#include "own_headers.h"

/* Most that a list of fields may come to: what gRPC's peers take that say nothing, and soft limit of those that do. */
#define MAX_FIELD_LIST 8192
/* No list of so many fields is shorter. */
#define MAX_FIELDS (MAX_FIELD_LIST / FIELD_OVERHEAD + 1)

/* golang.org/x/net/http2/hpack.HeaderField begins with Name and Value, in all versions; a slice's step is 40 bytes. */
struct hpack_field {
	struct go_string name;
	struct go_string value;
};

#define HPACK_FIELD_STEP 40

/* So large that nothing can be added, when it is longer than anybody takes: what is beyond any field's length is one. */
static __always_inline u32 size_of_text(u64 length)
{
	return length < MAX_FIELD_LIST ? length : MAX_FIELD_LIST;
}

/* Takes a field's name and size into account. 0: it can't be read. A global function, verified once. */
__attribute__((noinline)) int note_field(u64 key, u64 address)
{
	struct outgoing_call *call = bpf_map_lookup_elem(&outgoing_calls, &key);
	struct hpack_field field = {};

	if (!call || bpf_probe_read_user(&field, sizeof(field), (const void *)address) ||
	    !note_name(&call->found, &field.name))
		return 0;
	call->size += size_of_text(field.name.length) + size_of_text(field.value.length) + FIELD_OVERHEAD;
	return 1;
}

/*
 * Goes through the fields, whose address is the key of their entry, up to more than would leave room for any. 0: they
 * can't be read.
 */
static __always_inline int note_fields(u64 fields, u64 count)
{
	for (u32 i = 0; i < MAX_FIELDS; i++) {
		if (i >= count)
			return 1;
		if (!note_field(fields, fields + i * HPACK_FIELD_STEP))
			return 0;
	}
	return 1;
}
