/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Trace context of a call, from the caller's goroutine, which makes the call's header fields, to the goroutine that
 * writes them to the connection. In between they may wait for the connection to have a stream for them. What takes
 * them there, and back to the call, is where the slice of the fields lies in memory.
 */
#pragma once

#include "connection.h"
#include "own_fields.h"

/* What a new entry is copied from. */
static const struct outgoing_call no_call;

/* (*http2Client).createHeaderFields has returned ([]hpack.HeaderField, error), on the caller's goroutine. */
static __always_inline void fields_made(struct pt_regs *ctx)
{
	const struct open_span *span = outgoing_span(current_goid(ctx));
	u64 fields = GO_ARG0(ctx);
	struct outgoing_call *call;

	if (!fields)
		return;
	if (!span) {
		/* Memory is used again: what a call has left there that was given up must not be taken for this one's. */
		bpf_map_delete_elem(&outgoing_calls, &fields);
		return;
	}
	if (bpf_map_update_elem(&outgoing_calls, &fields, &no_call, BPF_ANY) ||
	    !(call = bpf_map_lookup_elem(&outgoing_calls, &fields))) {
		count_outgoing(OUTGOING_unreadable);
		return;
	}
	call->context = span->context;
	call->tracestate = span->tracestate;
	call->baggage = span->baggage;
	if (!note_fields(fields, GO_ARG1(ctx))) {
		count_outgoing(OUTGOING_unreadable);
	} else {
		call->formats = formats_beside(span->outgoing & propagators_on(), call->found);
		if (call->found & OWN_FIELD_tracestate)
			call->tracestate = (struct handed_on){};
		if (call->formats)
			return;
		count_outgoing(OUTGOING_own_header);
	}
	bpf_map_delete_elem(&outgoing_calls, &fields);
}

/*
 * At the entry of (*loopyWriter).writeHeader(loopy, stream, endStream, []hpack.HeaderField, …), on the goroutine that
 * alone writes to the connection: the call whose fields are about to be written, once; 0 for none. `key` is the
 * caller's, who deletes the entry when it is done.
 */
static __always_inline struct outgoing_call *written_call(struct pt_regs *ctx, u64 *key)
{
	struct outgoing_call *call;
	u64 side = 0;

	*key = GO_ARG3(ctx);
	call = bpf_map_lookup_elem(&outgoing_calls, key);
	if (!call || STACK_CHECK_FAILS(ctx))
		return 0;
	/* The entry is of a client's call that was given up, and a server writes from the same memory now. */
	if (bpf_probe_read_user(&side, sizeof(side), (const void *)(GO_ARG0(ctx) + loopy_side)) || side != CLIENT_SIDE)
		return 0;
	call->limit = list_limit(GO_ARG0(ctx));
	return call;
}

/* What the fields may still take before the list is longer than the peer takes. */
static __always_inline u32 room_beside(const struct outgoing_call *call)
{
	return call->size < call->limit ? call->limit - call->size : 0;
}

/* Keeps of the text all fields, or those alone that are needed, when the call's list has room for them. 0: it hasn't. */
static __always_inline int fit_into_list(struct outgoing_head *head, u32 needed, const struct outgoing_call *call)
{
	u32 room = room_beside(call);

	if (list_size(head->length, call->formats, call->tracestate.text.length, call->baggage.text.length) <= room)
		return 1;
	if (needed == head->length || list_size(needed, call->formats, 0, 0) > room)
		return 0;
	count_outgoing(OUTGOING_left_out);
	head->length = needed;
	return 1;
}
