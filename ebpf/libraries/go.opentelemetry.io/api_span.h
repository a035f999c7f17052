/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Spans of OpenTelemetry's API where that keeps nothing: up to 1.32 a global tracer returns an object that can do
 * nothing but carry the ids of its parent. What the application tells of its span is taken where it is told.
 */
#pragma once

#include "events.h"
#include "open_span.h"
#include "preemption.h"
#include "told.h"

/* The items follow. */
struct api_span_record {
	struct span_header span;
	struct told_counts told;
};

struct api_span {
	/* Its addresses, keys of made_spans: what the context holds, and what was returned. */
	u64 addresses[2];
	/* Its record: these two. */
	struct span_header span;
	struct told told;
};

/* Those that have begun and are sampled, by span id. Spans that nothing ends are the application's fault: the oldest go. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, struct api_span);
} api_spans SEC(".maps");

static __always_inline struct told *told_of(u64 id)
{
	struct api_span *span = bpf_map_lookup_elem(&api_spans, &id);

	return span ? &span->told : 0;
}

/* Methods that the compiler has made: on amd64 nothing of them runs twice. */
#ifdef LINK_REGISTER
#define RUNS_AGAIN(ctx) STACK_CHECK_FAILS(ctx)
#else
#define RUNS_AGAIN(ctx) 0
#endif

#define TOLD_OF told_of
#include "attributes.h"

/* A Start that hasn't returned yet, by goroutine. What panics in it leaves its entry to the next one. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, struct made_span);
} api_starts SEC(".maps");

/* What new entries are copied from: the stack has no room for them. */
static const struct made_span no_made_span;
static const struct api_span no_api_span;

volatile const u16 tracer_name = ABSENT;
volatile const u16 tracer_delegate = ABSENT;

static __always_inline u64 id_of(const struct made_span *made)
{
	return *(const u64 *)made->self.context.span_id;
}

/* Its record, which goes to the agent at its end: not when it isn't sampled, or when there is no room. */
static __always_inline void new_api_span(const struct made_span *made, const struct span_header *span)
{
	u64 id = id_of(made);
	struct api_span *kept;

	if (!(span->trace_flags & FLAG_SAMPLED) || bpf_map_update_elem(&api_spans, &id, &no_api_span, BPF_ANY))
		return;
	kept = bpf_map_lookup_elem(&api_spans, &id);
	if (!kept)
		return;
	kept->span = *span;
	kept->span.record.library = library_id;
	kept->span.is_wanted = 1;
}

static __always_inline struct made_span *new_start(u64 goid)
{
	if (bpf_map_update_elem(&api_starts, &goid, &no_made_span, BPF_ANY))
		return 0;
	return bpf_map_lookup_elem(&api_starts, &goid);
}

/* Its place in the tree. */
static __always_inline void place_span(struct made_span *made, struct span_header *span, struct pt_regs *ctx,
				       u64 goid)
{
	struct go_iface context = {.tab = GO_ARG1(ctx), .data = GO_ARG2(ctx)};
	const struct open_span *parent = find_parent(span, &context, operation_of(goid, ctx), goid, GO_G(ctx));

	if (parent) {
		descend(span, parent);
		made->self.tracestate = parent->tracestate;
		made->self.baggage = parent->baggage;
	}
	identify_span(span);
	decide(span);
	context_of(&made->self.context, span);
	__builtin_memcpy(made->self.parent_span_id, span->parent_span_id, sizeof(span->parent_span_id));
	made->self.began = span->start_ns;
	made->library = library_id;
	made->parent = span->parent;
}

/*
 * Begins a span, without what the application tells of it. 0: nothing has begun, or there is no room. Not inlined: its
 * stack must be gone before attributes are read, which takes six functions more, and older kernels allow 512 bytes of
 * all of them.
 */
static __attribute__((noinline)) struct made_span *start_api_span(struct pt_regs *ctx)
{
	struct span_header span = {};
	struct made_span *made;
	u64 goid = current_goid(ctx);

	/* The application has an SDK by now: its span. */
	if (read_word(GO_ARG0(ctx) + tracer_delegate)) {
		bpf_map_delete_elem(&api_starts, &goid);
		return 0;
	}
	count(COUNTER_started);
	made = new_start(goid);
	if (!made) {
		count(COUNTER_in_flight_full);
		return 0;
	}
	span.start_ns = bpf_ktime_get_ns();
	place_span(made, &span, ctx, goid);
	new_api_span(made, &span);
	return made;
}

/*
 * (*tracer).Start(tracer, context, name, options): its arguments are in registers only here. Returns what has begun; 0:
 * nothing, or there is no room.
 */
static __always_inline struct made_span *begin_api_span(struct pt_regs *ctx)
{
	struct made_span *made = STACK_CHECK_FAILS(ctx) ? 0 : start_api_span(ctx);
	struct go_string text;
	struct told *told;

	if (!made)
		return 0;
	told = told_of(id_of(made));
	if (!told)
		return made;
	text.data = GO_ARG3(ctx);
	text.length = GO_ARG4(ctx);
	tell_text(told, TOLD_name, 0, &text);
	text = read_string(GO_ARG0(ctx) + tracer_name);
	tell_text(told, TOLD_scope, 0, &text);
	tell_options(id_of(made), GO_ARG5(ctx), GO_ARG6(ctx), TOLD_attribute, TOLD_start_time);
	return made;
}

/* From now on both addresses lead to it. One that stood there was never ended: the garbage collector had it. */
static __always_inline void keep_address(const struct made_span *made, u64 address)
{
	bpf_map_update_elem(&made_spans, &address, made, BPF_ANY);
}

/* The span of this object, if it is open. */
static __always_inline struct made_span *open_api_span(u64 address)
{
	struct made_span *made = bpf_map_lookup_elem(&made_spans, &address);

	return made && made->library == library_id && !made->self.has_ended ? made : 0;
}

static __always_inline void close_address(u64 address)
{
	struct made_span *made = bpf_map_lookup_elem(&made_spans, &address);

	if (made)
		made->self.has_ended = 1;
}

/* Not inlined: for its type's BTF. */
static __attribute__((noinline)) void submit_api_span(struct api_span_record *record, u32 size)
{
	submit(record, size);
}

/* `options` of the end, a slice. */
static __always_inline void end_api_span(u64 id, u64 options, u64 length)
{
	struct api_span *span;

	tell_options(id, options, length, TOLD_attribute, TOLD_end_time);
	span = bpf_map_lookup_elem(&api_spans, &id);
	if (!span) {
		count(COUNTER_in_flight_full);
		return;
	}
	close_address(span->addresses[0]);
	close_address(span->addresses[1]);
	span->span.end_ns = bpf_ktime_get_ns();
	submit_api_span((struct api_span_record *)&span->span, sizeof(struct api_span_record) + told_bytes(&span->told));
	bpf_map_delete_elem(&api_spans, &id);
}
