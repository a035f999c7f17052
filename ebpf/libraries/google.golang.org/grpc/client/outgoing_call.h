/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What is kept of a call from where its header fields are made to where they are written. */
#pragma once

#include "outgoing_fields.h"
#include "outgoing_span.h"

/* A call whose fields are made and not written. */
struct outgoing_call {
	struct span_context context;
	/* Both may be empty. */
	struct handed_on tracestate;
	struct handed_on baggage;
	/* Size of the call's own fields, as RFC 9113, 6.5.2 counts it: bytes, and FIELD_OVERHEAD for each. */
	u32 size;
	/* Own headers that stand in the way: bits of enum own_field. */
	u8 found;
	/* What may be added. */
	enum propagator formats;
	u8 _pad[2];
	/* What the list may come to with ours: this peer takes no more. */
	u32 limit;
	u32 _pad2;
};

/* Keyed by the address of the first field. A call that is given up leaves its entry behind: old ones may go (LRU). */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u64);
	__type(value, struct outgoing_call);
} outgoing_calls SEC(".maps");
