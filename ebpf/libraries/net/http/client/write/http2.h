/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* HTTP/2 of net/http: from the request to the goroutine that writes its frames. */
#pragma once

#include "http2_frames.h"
#include "outgoing_fields.h"
#include "outgoing_span.h"

/* (*ClientConn).roundTrip(conn, *Request) */
static __always_inline void stream_taken(struct pt_regs *ctx)
{
	u64 request = GO_ARG1(ctx);
	const struct open_span *span = outgoing_span(current_goid(ctx));
	struct pending_head *pending;
	u32 formats;

	if (!span || STACK_CHECK_FAILS(ctx))
		return;
	pending = new_pending(request);
	if (!pending)
		return;
	formats = span->outgoing & propagators_on();
	pending->needed =
		append_fields(&pending->head, formats, &span->context, &span->tracestate, &span->baggage);
	count_outgoing(OUTGOING_handed_over);
}

/* (*clientStream).doRequest(stream, *Request), on the goroutine that will write the request. */
static __always_inline void stream_begun(struct pt_regs *ctx)
{
	u64 request = GO_ARG1(ctx);
	u64 goid = current_goid(ctx);
	struct pending_head *pending = bpf_map_lookup_elem(&pending_heads, &request);

	if (!pending || STACK_CHECK_FAILS(ctx))
		return;
	if (bpf_map_update_elem(&pending_heads, &goid, pending, BPF_ANY))
		count_outgoing(OUTGOING_unreadable);
	bpf_map_delete_elem(&pending_heads, &request);
}
