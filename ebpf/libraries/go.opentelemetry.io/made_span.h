/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Spans that the application makes with OpenTelemetry's API and no SDK. Go's object of one is told at its start, with
 * its context, and as OTLP's JSON at its end: all of it but its ids, which the application doesn't have. They are ours.
 * Parents are in this map by the object's address: open_span.h.
 */
#pragma once

#include "events.h"
#include "open_span.h"
#include "preemption.h"

/* What a new entry is copied from: the stack has no room for it. */
static const struct made_span no_made_span;

/* The payload follows: `kept` bytes of its `length`. */
struct made_span_record {
	struct span_header span;
	u32 length;
	u32 kept;
};

/* Of a longer one the end is kept too, where the times and the status are. */
#define MAX_PAYLOAD 65536
#define PAYLOAD_END 4096

static __always_inline struct made_span *new_made_span(u64 address)
{
	const struct made_span *before = bpf_map_lookup_elem(&made_spans, &address);

	/* The garbage collector had a span before that was never ended. */
	if (before && !before->self.has_ended)
		count(COUNTER_superseded);
	if (bpf_map_update_elem(&made_spans, &address, &no_made_span, BPF_ANY)) {
		count(COUNTER_in_flight_full);
		return 0;
	}
	return bpf_map_lookup_elem(&made_spans, &address);
}

/* start(tracer, context, *span, …) */
static __always_inline void made_span_started(struct pt_regs *ctx)
{
	struct go_iface context = {.tab = GO_ARG1(ctx), .data = GO_ARG2(ctx)};
	const struct open_span *parent;
	struct span_header span = {};
	struct made_span *made;
	u64 goid;

	if (STACK_CHECK_FAILS(ctx))
		return;
	goid = current_goid(ctx);
	count(COUNTER_started);
	made = new_made_span(GO_ARG3(ctx));
	if (!made)
		return;
	span.start_ns = bpf_ktime_get_ns();
	parent = find_parent(&span, &context, operation_of(goid, ctx), goid, GO_G(ctx));
	if (parent) {
		descend(&span, parent);
		made->self.tracestate = parent->tracestate;
		made->self.baggage = parent->baggage;
	}
	identify_span(&span);
	decide(&span);
	context_of(&made->self.context, &span);
	__builtin_memcpy(made->self.parent_span_id, span.parent_span_id, sizeof(span.parent_span_id));
	made->link = span.link;
	made->self.began = span.start_ns;
	made->library = library_id;
	made->parent = span.parent;
}

/* Not inlined: it stands at twelve places, and the agent knows only structs that functions or maps have. */
static __attribute__((noinline)) void head_of(struct made_span_record *record, const struct made_span *made,
					      u32 length, u32 kept)
{
	const struct span_context *context = &made->self.context;

	__builtin_memset(record, 0, sizeof(*record));
	record->span.record.library = library_id;
	record->span.start_ns = made->self.began;
	record->span.end_ns = bpf_ktime_get_ns();
	__builtin_memcpy(record->span.trace_id, context->trace_id, sizeof(context->trace_id));
	__builtin_memcpy(record->span.span_id, context->span_id, sizeof(context->span_id));
	__builtin_memcpy(record->span.parent_span_id, made->self.parent_span_id, sizeof(made->self.parent_span_id));
	record->span.trace_flags = context->trace_flags;
	record->span.parent = made->parent;
	record->span.is_wanted = 1;
	record->span.link = made->link;
	record->span.ruling = context->ruling;
	record->length = length;
	record->kept = kept;
}

/* Copies at most `room` bytes, a constant: a record's size on the ring must be one. */
static __always_inline void send_payload(const struct made_span *made, u64 payload, u64 length, const u32 room)
{
	struct made_span_record *record = bpf_ringbuf_reserve(&events, sizeof(*record) + room, 0);
	u64 first = length;
	int error;

	if (!record) {
		count(COUNTER_ring_full);
		return;
	}
	head_of(record, made, length, length < room ? length : room);
	if (length > room)
		first = room - PAYLOAD_END;
	/* The compiler knows the bound and would drop the check that the verifier wants to see. */
	barrier_var(first);
	if (first > room)
		first = room;
	error = bpf_probe_read_user(record + 1, first, (const void *)payload);
	if (room == MAX_PAYLOAD && length > room && !error)
		error = bpf_probe_read_user((u8 *)(record + 1) + room - PAYLOAD_END, PAYLOAD_END,
					    (const void *)(payload + length - PAYLOAD_END));
	if (error) {
		bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
		count(COUNTER_unreadable);
		return;
	}
	bpf_ringbuf_submit(record, wake_flags(sizeof(*record) + room));
	count(COUNTER_submitted);
}

#define SEND_UP_TO(room)                                                                                               \
	if (length <= (room)) {                                                                                        \
		send_payload(made, payload, length, room);                                                             \
		return;                                                                                                \
	}

/* Most spans have 300 to 1000 bytes: what is not used of the ring there fills it sooner. */
static __attribute__((noinline)) void send_made_span(const struct made_span *made, u64 payload, u64 length)
{
	if (!made)
		return;
	if (length > MAX_PAYLOAD)
		count(COUNTER_text_truncated);
	SEND_UP_TO(320)
	SEND_UP_TO(384)
	SEND_UP_TO(448)
	SEND_UP_TO(512)
	SEND_UP_TO(768)
	SEND_UP_TO(1024)
	SEND_UP_TO(2048)
	SEND_UP_TO(4096)
	SEND_UP_TO(8192)
	SEND_UP_TO(16384)
	SEND_UP_TO(32768)
	send_payload(made, payload, length, MAX_PAYLOAD);
}

/* ended(*span, []byte) */
static __always_inline void made_span_ended(struct pt_regs *ctx)
{
	u64 address = GO_ARG0(ctx);
	struct made_span *made;

	if (STACK_CHECK_FAILS(ctx))
		return;
	made = bpf_map_lookup_elem(&made_spans, &address);
	if (!made || made->self.has_ended) {
		count(COUNTER_end_without_start);
		return;
	}
	made->self.has_ended = 1;
	if (made->self.context.trace_flags & FLAG_SAMPLED)
		send_made_span(made, GO_ARG1(ctx), GO_ARG2(ctx));
	else
		count(made->self.context.ruling == RULING_left_out ? COUNTER_left_out : COUNTER_unsampled);
}
