// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * Trace context in calls of gRPC on connections that the sockets can't serve, TLS above all. These programs write to
 * the target's memory, into the buffer of a frame that is about to be sent, and so don't load where the kernel is
 * locked down.
 */

#define TIER_COUNTS write_counts
/* As many as connections write at the same time: a call waits in outgoing_calls. */
#define PENDING_HEADS 512

#include "../outgoing.h"
#include "events.h"
#include "http2_frames.h"
#include "outgoing_fields.h"
#include "preemption.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

volatile const u16 framer_buffer = ABSENT;
volatile const u16 headers_block = ABSENT;
volatile const u16 headers_end_headers = ABSENT;
volatile const u16 headers_pad_length = ABSENT;

static __always_inline struct framer_layout framer_layout(void)
{
	return (struct framer_layout){framer_buffer, headers_block, headers_end_headers, headers_pad_length};
}

/* Leaves the call's context for the frame that this goroutine writes next. */
static __always_inline void leave_for_frame(const struct outgoing_call *call, u64 goid)
{
	struct pending_head *pending = new_pending(goid);

	if (!pending)
		return;
	count_outgoing(OUTGOING_handed_over);
	pending->needed =
		append_fields(&pending->head, call->formats, &call->context, &call->tracestate, &call->baggage);
	if (fit_into_list(&pending->head, pending->needed, call))
		return;
	count_outgoing(OUTGOING_head_too_long);
	bpf_map_delete_elem(&pending_heads, &goid);
}

/* (*loopyWriter).writeHeader(loopy, stream, endStream, fields, …): of calls, and of what a server answers. */
static __always_inline void headers_written(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx), key;
	struct outgoing_call *call;

	/* What is there is of a frame that was never written. */
	bpf_map_delete_elem(&pending_heads, &goid);
	call = written_call(ctx, &key);
	if (!call)
		return;
	if (!sockets_carry(writer_of(GO_ARG0(ctx))))
		leave_for_frame(call, goid);
	bpf_map_delete_elem(&outgoing_calls, &key);
}

#define CALL_FRAME_BEGUN(ctx) frame_begun(ctx, framer_layout())
#define CALL_FRAME_ENDED(ctx) frame_ended(ctx, framer_layout())

GO_PROBE(grpc_client_fields_made, fields_made)
GO_PROBE(grpc_client_headers_written, headers_written)
GO_PROBE(grpc_client_frame_begun, CALL_FRAME_BEGUN)
GO_PROBE(grpc_client_frame_ended, CALL_FRAME_ENDED)
