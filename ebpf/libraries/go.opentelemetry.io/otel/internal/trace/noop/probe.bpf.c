// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Spans of OpenTelemetry's global tracers up to 0.20, in a program without an SDK. */

#include "frames.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

/* Its start is dropped, and counted. */
static __always_inline void drop_start(u64 goid)
{
	count(COUNTER_started);
	count(COUNTER_superseded);
	bpf_map_delete_elem(&api_starts, &goid);
}

/* Called by the function whose frame pointer this is. */
static __always_inline void noop_span_begins(struct pt_regs *ctx)
{
	u64 frame_pointer = FRAME_POINTER(ctx), site = return_address(ctx), goid;
	struct span_frame *frame;
	struct span_frames *all;
	struct made_span *made;

	if (STACK_CHECK_FAILS(ctx))
		return;
	goid = current_goid(ctx);
	all = frames_of(goid, 1);
	frame = all ? frame_or_new(all, upper_end(ctx) - frame_pointer, read_frame(frame_pointer).returns_to) : 0;
	if (!frame) {
		drop_start(goid);
		return;
	}
	if (frame->open++) {
		/* Which of them ends first can't be seen. */
		mark_unsure(frame->site);
		mark_unsure(site);
		leave_out(frame);
	}
	frame->site = site;
	if (!is_sure_site(site) || frame->open > 1) {
		drop_start(goid);
		return;
	}
	made = begin_api_span(ctx);
	if (!made) {
		frame->open = 0;
		return;
	}
	frame->id = id_of(made);
	frame->sampled = made->self.context.trace_flags & FLAG_SAMPLED;
	frame->ruling = made->self.context.ruling;
}

/* (context.Context, trace.Span): the first is a new *valueCtx, whose address tells it from all others. */
static __always_inline void noop_span_begun(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx), address = GO_ARG1(ctx), id;
	struct made_span *made = bpf_map_lookup_elem(&api_starts, &goid);
	struct api_span *span;

	if (!made)
		return;
	id = id_of(made);
	keep_address(made, address);
	span = bpf_map_lookup_elem(&api_spans, &id);
	if (span)
		span->addresses[0] = address;
	bpf_map_delete_elem(&api_starts, &goid);
}

/* The frame pointer of the function that has called the method of the span here. */
static __always_inline u64 frame_of_caller(struct pt_regs *ctx)
{
#ifndef LINK_REGISTER
	/* Up to Go 1.20 the method has its own frame already. */
	if (entry_is_stack_check)
		return read_word(FRAME_POINTER(ctx));
#endif
	return FRAME_POINTER(ctx);
}

/* Where that goes on. */
static __always_inline u64 end_site(struct pt_regs *ctx)
{
#ifndef LINK_REGISTER
	if (entry_is_stack_check)
		return read_frame(FRAME_POINTER(ctx)).returns_to;
#endif
	return return_address(ctx);
}

/* The function that has begun what ends here, the caller or who has deferred that; and where in it this is, at `end`. */
static __always_inline struct span_frame *frame_that_ends(struct span_frames *all, u64 top, u64 frame_pointer, u64 *end)
{
	for (u32 i = 0; i < 3; i++) {
		struct go_frame here = read_frame(frame_pointer);
		struct span_frame *found = frame_at(all, top - frame_pointer, here.returns_to);

		if (found)
			return found;
		frame_pointer = here.next;
		*end = here.returns_to;
	}
	return 0;
}

/* End(span, options) of the only one that this function has open. */
static __always_inline void end_of_frame(struct pt_regs *ctx, struct span_frame *frame, u64 end)
{
	u64 id = frame->id;

	mark_known(frame->site, 1);
	if (!is_known_end(frame->site, end))
		leave_out(frame);
	if (!id || !frame->id)
		return;
	frame->id = 0;
	if (frame->sampled)
		end_api_span(id, GO_ARG1(ctx), GO_ARG2(ctx));
	else
		count(frame->ruling == RULING_left_out ? COUNTER_left_out : COUNTER_unsampled);
}

/* End(span, options) */
static __always_inline void noop_span_ended(struct pt_regs *ctx)
{
	u64 end = end_site(ctx);
	struct span_frame *frame;
	struct span_frames *all;

	if (RUNS_AGAIN(ctx))
		return;
	all = frames_of(current_goid(ctx), 0);
	frame = all ? frame_that_ends(all, upper_end(ctx), frame_of_caller(ctx), &end) : 0;
	if (frame && frame->open) {
		if (!--frame->open)
			end_of_frame(ctx, frame, end);
		return;
	}
	count(COUNTER_end_without_start);
	/* One of the two was not its own. */
	if (frame)
		mark_unsure(frame->site);
}

GO_PROBE(noop_span_begins_here, noop_span_begins)
GO_PROBE(noop_span_has_begun, noop_span_begun)
GO_PROBE(noop_span_has_ended, noop_span_ended)
