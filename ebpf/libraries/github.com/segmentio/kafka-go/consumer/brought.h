/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What a call has brought: a message, whose handling begins, or a failure. */
#pragma once

#include "events.h"
#include "late.h"
#include "outcome.h"

/*
 * Its ids: those of the remote parent's trace, else of the span that the goroutine is in. Uses the texts' room before
 * they are there. Not inlined: the caller's stack is full.
 */
static __attribute__((noinline)) void identify_message(struct pt_regs *ctx, struct kafka_fetched *fetched, u64 goid,
							const struct go_iface *context)
{
	struct span_header *span = &fetched->record.span;
	const struct settings *settings = current_settings();
	const struct open_span *parent;
	u8 *room = fetched->record.texts.bytes;
	const u64 *headers = fetched->headers.first_values;

	if (!settings)
		return;
	if (read_remote_parent(span, &fetched->headers, settings, room))
		hand_on(&fetched->open.tracestate, headers[HEADER_tracestate], room);
	if (settings->propagators & PROPAGATOR_baggage)
		hand_on(&fetched->open.baggage, headers[HEADER_baggage], room);
	if (span->parent == PARENT_none) {
		parent = find_parent(span, context, operation_of(goid, ctx), goid, GO_G(ctx));
		if (parent)
			descend(span, parent);
	}
	identify_span(span);
	decide(span);
	context_of(&fetched->open.context, span);
}

/* The message takes its place for what the goroutine does and starts, unless that is within a request. */
static __always_inline void make_findable(struct kafka_fetch *fetch, struct open_span *open, u64 goid, u64 g)
{
	fetch->message = open->context;
	fetch->has_message = 1;
	if (bpf_map_lookup_elem(&open_requests, &goid))
		return;
	fetch->processor = note_fresh_goids(open, g);
	open->g = g;
	if (bpf_map_update_elem(&open_requests, &goid, open, BPF_NOEXIST))
		count(COUNTER_parent_unknown);
}

static __always_inline void keep_message(struct kafka_consumer_record *r, u64 tracestate, u64 reader,
					 const struct kafka_message *message)
{
	r->partition = message->partition;
	r->offset = message->offset;
	r->body_size = message->value.length;
	r->is_tombstone = !message->value.data;
	r->key_is_cut = message->key.length > MAX_KEY;
	keep_text(&r->texts, &r->topic, &message->topic, MAX_TOPIC);
	keep_text(&r->texts, &r->key, &message->key, MAX_KEY);
	keep_reader(r, reader);
	/* Last, as it may be long. */
	if (r->span.parent == PARENT_remote && r->texts.length <= TEXT_BYTES - MAX_TRACESTATE) {
		struct go_string text = read_string(tracestate);

		keep_text(&r->texts, &r->tracestate, &text, MAX_TRACESTATE);
	}
}

/* What the program of a fetched message hands to its parts, which take few arguments. */
struct fetched_call {
	u64 goid;
	/* Where the message is. */
	u64 at;
	struct go_iface error;
};

/*
 * Looks for the message's parent. Apart from what is done with the message: older kernels allow 512 bytes of stack to
 * all functions that wait for one another.
 */
static __attribute__((noinline)) void begin_message(struct pt_regs *ctx, struct kafka_fetch *fetch,
						    struct kafka_fetched *fetched, const struct fetched_call *call)
{
	struct go_string headers = read_string(call->at + message_headers);

	find_message_headers(&headers, header_key, header_value, HEADER_STRIDE, call->goid);
	fetched->record.span.start_ns = bpf_ktime_get_ns();
	identify_message(ctx, fetched, call->goid, &fetch->context);
}

static __attribute__((noinline)) void take_message(struct pt_regs *ctx, struct kafka_fetch *fetch,
						   struct kafka_fetched *fetched, const struct fetched_call *call)
{
	struct kafka_consumer_record *r = &fetched->record;
	struct kafka_message message = {};
	u64 goid = call->goid;
	u64 line;

	read_message(&message, call->at);
	make_findable(fetch, &fetched->open, goid, GO_G(ctx));
	line = line_of_message(fetch->reader, &message.topic, message.partition);
	fetch->line = !fetch->is_read && has_group(fetch->reader) ? line : 0;
	fetch->position = message.offset;
	/*
	 * The first message of a goroutine is told of in any case: it may be its only one, and the agent puts away what a
	 * goroutine leaves behind that has ended.
	 */
	fetch->is_told = r->span.is_wanted || !fetch->is_known;
	fetch->is_known = 1;
	if (!fetch->is_told) {
		count_unsampled(&r->span);
		return;
	}
	r->lasting.goid = goid;
	r->lasting.position = message.offset;
	*(u64 *)r->lasting.line = line;
	if (fetch->line) {
		r->lasting.until = UNTIL_acknowledged;
		late_probes_are_there();
	}
	keep_message(r, fetched->headers.first_values[HEADER_tracestate], fetch->reader, &message);
	submit_lasting((struct lasting_span *)r, RECORD_SIZE(r));
}

static __attribute__((noinline)) void take_failure(struct pt_regs *ctx, struct kafka_fetch *fetch,
						   struct kafka_fetched *fetched, const struct fetched_call *call)
{
	struct kafka_consumer_record *r = &fetched->record;
	struct go_string topic;

	r->span.start_ns = fetch->start_ns;
	identify_message(ctx, fetched, call->goid, &fetch->context);
	if (!r->span.is_wanted) {
		count_unsampled(&r->span);
		return;
	}
	r->span.end_ns = bpf_ktime_get_ns();
	read_failure(&r->failure, call->error.tab, call->error.data);
	topic = read_string(fetch->reader + reader_config + config_topic);
	keep_text(&r->texts, &r->topic, &topic, MAX_TOPIC);
	keep_reader(r, fetch->reader);
	submit(r, RECORD_SIZE(r));
}

/* As much of a message as tells it from others. */
#define SAME_BYTES 128

/*
 * Where the message is on the stack: at the end of its caller's frame. A caller that returns it to its own caller has
 * copied it there, but need not have: then what the call had left below is something else. 0: not sure.
 */
static __always_inline u64 message_on_stack(struct pt_regs *ctx, const struct kafka_fetch *fetch,
					    struct kafka_fetched *fetched)
{
	u64 at = STACK_POINTER(ctx) + STACK_RESULTS;
	u64 top = STACK_POINTER(ctx) + stack_depth(ctx);
	u64 first = top - fetch->depth + BEHIND_RETURN_ADDRESS + STACK_RESULTS;
	u64 *words = (u64 *)fetched->record.texts.bytes;

	if (first == at)
		return at;
	if (read_user(words, SAME_BYTES, at) || read_user(words + SAME_BYTES / 8, SAME_BYTES, first))
		return 0;
	for (u32 i = 0; i < SAME_BYTES / 8; i++)
		if (words[i] != words[SAME_BYTES / 8 + i])
			return 0;
	return at;
}
