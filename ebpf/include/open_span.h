/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * The spans that are open, by goroutine, and whose child a new one is:
 *   1. the remote parent, which the library has read from a header before,
 *   2. the request, or the application's span, that the call's context.Context belongs to,
 *   3. the innermost open span of this goroutine,
 *   4. the span of this goroutine itself, goroutines.h,
 *   5. the request of the goroutine that started this one, when it surely did so while that request was served.
 * Within the request of 2, what this goroutine is in the middle of is nearer than the request itself.
 * A span that has ended is not in here, and so never a parent.
 */
#pragma once

#include "context.h"
#include "goroutines.h"
#include "open_spans.h"
#include "sampling.h"
#include "stack.h"
#include "started_for.h"

/*
 * What an operation keeps to take its place among the open spans, and to give it back. Tables by goroutine whose names
 * end in "_operations", or "_sends", have entries that begin with this, or with a struct open_span (src/session/gone-goroutines.ts).
 */
struct open_operation {
	struct open_span self;
	/* The goroutine's innermost operation before. */
	struct open_span outer;
	u8 has_outer;
	u8 _pad[7];
};

/* The request that may be a parent; one that is left to the application may not. */
static __always_inline const struct open_span *request_of(u64 goid)
{
	const struct open_span *request = bpf_map_lookup_elem(&open_requests, &goid);

	return request && !request->left_to_application ? request : 0;
}

/* Whether what stands here on the stack of this goroutine is called within the operation. */
static __always_inline int goes_on_at(const struct open_span *operation, u64 g, u64 stack_pointer, u64 frame_pointer)
{
	u64 depth = operation->depth;
	u64 stack_end = read_word(g + g_stack + GO_STACK_HI);

	if (depth >= stack_end - stack_pointer || stack_word(g, depth) != operation->word_at_depth)
		return 0;
	return is_within_frame(frame_pointer, stack_end - depth);
}

/* The same of what the probe sits on; not when a panic has ended the operation. */
static __always_inline int goes_on(const struct open_span *operation, struct pt_regs *ctx)
{
	return goes_on_at(operation, GO_G(ctx), STACK_POINTER(ctx), FRAME_POINTER(ctx));
}

/* The operation that this goroutine is in the middle of. */
static __always_inline const struct open_span *operation_of(u64 goid, struct pt_regs *ctx)
{
	const struct open_span *operation = bpf_map_lookup_elem(&open_spans, &goid);

	return operation && goes_on(operation, ctx) ? operation : 0;
}

static __always_inline const struct open_span *request_of_starter(u64 g, u64 goid)
{
	const struct open_span *request, *before;
	u64 starter = starter_of(g);

	if (!starter)
		return 0;
	request = request_of(starter);
	if (request && is_fresh(request, goid))
		return request;
	before = what_started(goid, starter);
	if (request && !before)
		count(COUNTER_parent_unknown);
	return before;
}

static __always_inline int same_id(const u8 *a, const u8 *b)
{
	return *(const u64 *)a == *(const u64 *)b;
}

static __always_inline int same_trace(const struct open_span *a, const struct open_span *b)
{
	return same_id(a->context.trace_id, b->context.trace_id) &&
	       same_id(a->context.trace_id + 8, b->context.trace_id + 8);
}

/* go.opentelemetry.io/otel/trace.SpanContext begins with its ids and flags. */
struct go_span_context {
	u8 trace_id[16];
	u8 span_id[8];
	u8 trace_flags;
};

static __always_inline int is_child_of_application(struct span_header *span, u64 at)
{
	struct go_span_context parent = {};

	if (bpf_probe_read_user(&parent, 25, (const void *)(at & ~SPAN_MARKS)) || !*(u64 *)parent.span_id)
		return 0;
	__builtin_memcpy(span->trace_id, parent.trace_id, sizeof(span->trace_id));
	__builtin_memcpy(span->parent_span_id, parent.span_id, sizeof(span->parent_span_id));
	span->trace_flags = parent.trace_flags & FLAG_SAMPLED;
	span->parent = at & REMOTE_SPAN ? PARENT_remote : PARENT_local;
	return 1;
}

static __always_inline int is_of_trace(u64 goid, u64 remote)
{
	const struct open_span *request = bpf_map_lookup_elem(&open_requests, &goid);
	u64 id[2] = {};

	return request && !bpf_probe_read_user(id, sizeof(id), (const void *)remote) &&
	       id[0] == *(const u64 *)request->context.trace_id &&
	       id[1] == *(const u64 *)(request->context.trace_id + 8);
}

/*
 * What is nearest in a chain of contexts: the goroutine of a request, times 2, or an application's span of whichever
 * kind; 0: neither. A remote parent that is the request's too leads to the request.
 */
__attribute__((noinline)) u64 find_nearest(u64 itab, u64 data)
{
	u64 remote = 0;

	for (u32 i = 0; i < MAX_CONTEXTS; i++) {
		struct go_iface parent = {};
		u64 *goid, at;

		if (!itab || !data)
			return remote;
		goid = bpf_map_lookup_elem(&request_contexts, &data);
		if (goid)
			return remote && !is_of_trace(*goid, remote & ~SPAN_MARKS) ? remote : *goid << 1;
		at = context_parent(itab, data, remote ? SPANS_of_sdk : SPANS_all);
		if (at & REMOTE_SPAN) {
			remote = at;
			at = context_parent(itab, data, SPANS_of_sdk);
		}
		if (!at || at & APPLICATION_SPAN)
			return remote ? remote : at;
		if (bpf_probe_read_user(&parent, sizeof(parent), (const void *)at))
			return remote;
		itab = parent.tab;
		data = parent.data;
	}
	count(COUNTER_parent_unknown);
	return remote;
}

/* The later of two spans that are open: one within the other, in one trace. */
static __always_inline const struct open_span *inner_of(const struct open_span *here, const struct open_span *made)
{
	return here && same_trace(here, made) && here->began > made->began ? here : made;
}

/*
 * What the goroutine that started this one is, or was, in the middle of; what has ended is no parent, but gives the span
 * its link.
 */
static __always_inline const struct open_span *parent_by_starter(struct span_header *span, u64 goid, u64 g)
{
	const struct open_span *request = request_of_starter(g, goid);
	const struct goroutine_span *goroutine;
	u64 starter;

	if (goroutines_wanted() == GOROUTINES_off)
		return request;
	starter = starter_of(g);
	goroutine = starter && !request ? span_of_goroutine(starter) : 0;
	if (goroutine)
		request = &goroutine->self;
	if (request || link_to_ended(&span->link, starter, goid))
		ask_for_goroutine(g);
	return request;
}

/* Of a goroutine whose context has told its parent: whether it is one of those that have, or shall have, spans. */
static __always_inline void notice_goroutine(u64 goid, u64 g)
{
	const struct open_span *request;
	u64 starter;

	if (goroutines_wanted() != GOROUTINES_spans)
		return;
	starter = starter_of(g);
	request = request_of(starter);
	if ((request && is_fresh(request, goid)) || span_of_goroutine(starter))
		ask_for_goroutine(g);
}

/*
 * The open span that is the parent of one that begins on this goroutine with this context, within the operation
 * `here` or 0; 0 when there is none or it is the application's, which `span` then has already.
 */
static __always_inline const struct open_span *find_parent(struct span_header *span, const struct go_iface *context,
							   const struct open_span *here, u64 goid, u64 g)
{
	u64 found = context->tab ? find_nearest(context->tab, context->data) : 0;
	struct goroutine_span *running = bpf_map_lookup_elem(&goroutine_spans, &goid);
	struct goroutine_span *own = running && is_at_work(running) ? running : 0;
	const struct open_span *request;

	if (found && !running)
		notice_goroutine(goid, g);
	if (found & MADE_SPAN) {
		u64 address = found & ~SPAN_MARKS;
		const struct made_span *made = bpf_map_lookup_elem(&made_spans, &address);

		if (made)
			return inner_of(here ? here : own ? &own->self : 0, &made->self);
		/* It began before the agent did. */
		found = find_context(context->tab, context->data);
	}
	if (found & APPLICATION_SPAN && is_child_of_application(span, found))
		return 0;
	if (found && !(found & APPLICATION_SPAN)) {
		request = request_of(found >> 1);
		if (request && own && !same_trace(&own->self, request))
			own->is_shared = 1;
		if (request && !here && own)
			here = &own->self;
		if (request)
			return here && same_trace(here, request) ? here : request;
	}
	if (here)
		return here;
	request = request_of(goid);
	if (request)
		return request;
	if (own)
		return &own->self;
	return running && running->is_shared ? 0 : parent_by_starter(span, goid, g);
}

static __always_inline void descend(struct span_header *span, const struct open_span *parent)
{
	__builtin_memcpy(span->trace_id, parent->context.trace_id, sizeof(span->trace_id));
	__builtin_memcpy(span->parent_span_id, parent->context.span_id, sizeof(span->parent_span_id));
	span->trace_flags = parent->context.trace_flags;
	span->ruling = parent->context.ruling;
	span->parent = PARENT_local;
}

/* Ids of its own, and the trace's: its parent's, or a new one. */
static __always_inline void identify_span(struct span_header *span)
{
	if (span->parent == PARENT_none)
		new_trace_id(span);
	new_span_id(span);
}

/*
 * Gives a span its ids and its parent, and makes it this goroutine's innermost. `operation` is fresh, all zero but
 * for self.depth and self.outgoing, and lies in a map: its values are too large for the stack.
 */
static __always_inline void open_operation(struct open_operation *operation, struct span_header *span,
					   const struct go_iface *context, u64 goid, struct pt_regs *ctx)
{
	const struct open_span *outer = operation_of(goid, ctx);
	const struct open_span *parent = find_parent(span, context, outer, goid, GO_G(ctx));

	if (parent) {
		descend(span, parent);
		operation->self.tracestate = parent->tracestate;
		operation->self.baggage = parent->baggage;
	}
	identify_span(span);
	decide(span);
	context_of(&operation->self.context, span);
	operation->self.began = span->start_ns;
	operation->self.word_at_depth = stack_word(GO_G(ctx), operation->self.depth);
	operation->self.g = GO_G(ctx);
	__builtin_memcpy(operation->self.parent_span_id, span->parent_span_id, sizeof(span->parent_span_id));
	if (outer) {
		operation->outer = *outer;
		operation->has_outer = 1;
	}
	if (bpf_map_update_elem(&open_spans, &goid, &operation->self, BPF_ANY))
		count(COUNTER_parent_unknown);
}

/* The operation before takes its place again, unless both have gone with a panic and another is there. */
static __always_inline void close_operation(struct open_operation *operation, u64 goid)
{
	const struct open_span *innermost = bpf_map_lookup_elem(&open_spans, &goid);

	if (!innermost || !same_id(innermost->context.span_id, operation->self.context.span_id))
		return;
	if (operation->has_outer)
		bpf_map_update_elem(&open_spans, &goid, &operation->outer, BPF_EXIST);
	else
		bpf_map_delete_elem(&open_spans, &goid);
}
