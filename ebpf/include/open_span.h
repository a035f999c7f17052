/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * The spans that are open, by goroutine, and whose child a new one is:
 *   1. the remote parent, which the library has read from a header before,
 *   2. the request, or the application's span, that the call's context.Context belongs to,
 *   3. the innermost open span of this goroutine,
 *   4. the request of the goroutine that started this one, when it surely did so while that request was served.
 * Within the request of 2, what this goroutine is in the middle of is nearer than the request itself.
 * A span that has ended is not in here, and so never a parent.
 */
#pragma once

#include "context.h"
#include "handed_on.h"
#include "sampling.h"
#include "span.h"
#include "stack.h"

struct open_span {
	struct span_context context;
	u8 parent_span_id[8];
	/*
	 * Goroutines that this one started have these ids, or larger ones than `started_after`, if they started after
	 * the span did: goroutines of earlier requests on the same connection have smaller ones.
	 */
	u64 fresh_from;
	u64 fresh_to;
	u64 started_after;
	/* Stack in use where an operation began; 0: not known. What has returned, or panicked, used no less. */
	u64 depth;
	/* What the stack has there while the operation goes on: see stack_word. */
	u64 word_at_depth;
	/* Of an operation, its goroutine's struct; 0 for others. The agent looks there whether that has ended. */
	u64 g;
	/* A request's own context, a key of request_contexts; 0 for other spans. */
	u64 request_context;
	/* What came with the request and goes on with each outgoing one. */
	struct handed_on tracestate;
	struct handed_on baggage;
	/* 1: the application traces the request itself, so that this span won't be sent. */
	u8 left_to_application;
	/*
	 * Of a call to someone else whom this context is to reach: the formats that may be added to it, those of which the
	 * application has set no header itself. The write tier reads it.
	 */
	enum propagator outgoing;
	u8 _pad[6];
};

/* The requests that are served, by goroutine. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, struct open_span);
} open_requests SEC(".maps");

/* The innermost operation of each goroutine. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, struct open_span);
} open_spans SEC(".maps");

/*
 * What an operation keeps to take its place among the open spans, and to give it back. Tables by goroutine whose names
 * end in "_operations" have entries that begin with this, or with a struct open_span (src/gone-goroutines.ts).
 */
struct open_operation {
	struct open_span self;
	/* The goroutine's innermost operation before. */
	struct open_span outer;
	u8 has_outer;
	u8 _pad[7];
};

volatile const u16 g_parent_goid = ABSENT;
volatile const u16 g_m = ABSENT;
volatile const u16 m_p = ABSENT;
volatile const u16 p_goid_cache = ABSENT;
volatile const u16 p_goid_cache_end = ABSENT;
/* Where runtime.sched.goidgen is in the target's memory; 0: not known. */
volatile const u64 goid_generator = 0;

/*
 * A processor of Go's scheduler takes goroutine ids in batches, and hands them out in order (newproc1 in
 * src/runtime/proc.go): what is left of this processor's batch, and all batches taken from now on, are of goroutines
 * that start from now on.
 */
static __always_inline void note_fresh_goids(struct open_span *span, u64 g)
{
	u64 batch[2] = {};
	u64 newest = 0;
	u64 p;

	span->started_after = ~0ULL;
	if (goid_generator && !bpf_probe_read_user(&newest, sizeof(newest), (const void *)goid_generator))
		span->started_after = newest;
	if (g_m == ABSENT || m_p == ABSENT || p_goid_cache == ABSENT ||
	    p_goid_cache_end != p_goid_cache + sizeof(u64))
		return;
	p = read_word(read_word(g + g_m) + m_p);
	if (p && !bpf_probe_read_user(batch, sizeof(batch), (const void *)(p + p_goid_cache))) {
		span->fresh_from = batch[0];
		span->fresh_to = batch[1];
	}
}

/* The request that may be a parent; one that is left to the application may not. */
static __always_inline const struct open_span *request_of(u64 goid)
{
	const struct open_span *request = bpf_map_lookup_elem(&open_requests, &goid);

	return request && !request->left_to_application ? request : 0;
}

/* Whether this is called within the operation; not when a panic has ended that. */
static __always_inline int goes_on(const struct open_span *operation, struct pt_regs *ctx)
{
	u64 depth = operation->depth;

	if (depth >= stack_depth(ctx) || stack_word(GO_G(ctx), depth) != operation->word_at_depth)
		return 0;
	return is_within_frame(FRAME_POINTER(ctx), STACK_POINTER(ctx) + stack_depth(ctx) - depth);
}

/* The operation that this goroutine is in the middle of. */
static __always_inline const struct open_span *operation_of(u64 goid, struct pt_regs *ctx)
{
	const struct open_span *operation = bpf_map_lookup_elem(&open_spans, &goid);

	return operation && goes_on(operation, ctx) ? operation : 0;
}

static __always_inline const struct open_span *request_of_starter(u64 g, u64 goid)
{
	const struct open_span *request;
	u64 starter = 0;

	if (g_parent_goid == ABSENT ||
	    bpf_probe_read_user(&starter, sizeof(starter), (const void *)(g + g_parent_goid)) || !starter)
		return 0;
	request = request_of(starter);
	if (!request)
		return 0;
	if (goid > request->started_after || (goid >= request->fresh_from && goid < request->fresh_to))
		return request;
	count(COUNTER_parent_unknown);
	return 0;
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

	if (bpf_probe_read_user(&parent, 25, (const void *)at) || !*(u64 *)parent.span_id)
		return 0;
	__builtin_memcpy(span->trace_id, parent.trace_id, sizeof(span->trace_id));
	__builtin_memcpy(span->parent_span_id, parent.span_id, sizeof(span->parent_span_id));
	span->trace_flags = parent.trace_flags & FLAG_SAMPLED;
	span->parent = PARENT_local;
	return 1;
}

/*
 * The open span that is the parent of one that begins on this goroutine with this context, within the operation
 * `here` or 0; 0 when there is none or it is the application's, which `span` then has already.
 */
static __always_inline const struct open_span *find_parent(struct span_header *span, const struct go_iface *context,
							   const struct open_span *here, u64 goid, u64 g)
{
	u64 found = context->tab ? find_context(context->tab, context->data) : 0;
	const struct open_span *request;

	if (found & APPLICATION_SPAN && is_child_of_application(span, found & ~APPLICATION_SPAN))
		return 0;
	if (found && !(found & APPLICATION_SPAN)) {
		request = request_of(found >> 1);
		if (request)
			return here && same_trace(here, request) ? here : request;
	}
	if (here)
		return here;
	request = request_of(goid);
	return request ? request : request_of_starter(g, goid);
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
