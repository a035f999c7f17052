// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* kafka-go's Reader: one hit where a message is asked for, one where it is there; one for each call that commits. */

#include "events.h"
#include "late.h"
#include "outcome.h"
#include "preemption.h"
#include "return_site.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

/* The goroutine has done with its message: what it does from here on is not for that. */
static __always_inline void leave_message(struct kafka_fetch *fetch, u64 goid, u64 g)
{
	const struct open_span *open = bpf_map_lookup_elem(&open_requests, &goid);

	if (!fetch->has_message)
		return;
	fetch->has_message = 0;
	if (open && same_id(open->context.span_id, fetch->message.span_id)) {
		if (fetch->line)
			keep_started(open, goid, g, fetch->processor, fetch->line, fetch->position);
		bpf_map_delete_elem(&open_requests, &goid);
	}
	if (fetch->is_told)
		note_next_asked(goid);
}

static __always_inline struct kafka_fetch *fetch_of(u64 goid)
{
	struct kafka_fetch *fetch = bpf_map_lookup_elem(&kafka_fetches, &goid);

	if (fetch || !goid)
		return fetch;
	bpf_map_update_elem(&kafka_fetches, &goid, &no_fetch, BPF_NOEXIST);
	return bpf_map_lookup_elem(&kafka_fetches, &goid);
}

/* (*Reader).FetchMessage(reader, context) (Message, error) */
static __always_inline void message_asked(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	struct kafka_fetch *fetch;

	if (STACK_CHECK_FAILS(ctx))
		return;
	fetch = fetch_of(goid);
	if (!fetch) {
		count(COUNTER_started);
		count(COUNTER_unreadable);
		return;
	}
	leave_message(fetch, goid, GO_G(ctx));
	fetch->is_waiting = 0;
	if (!return_is_known(ctx, 2))
		return;
	fetch->is_waiting = 1;
	fetch->is_read = is_called_by_read_message(ctx);
	fetch->reader = GO_ARG0(ctx);
	fetch->context.tab = GO_ARG1(ctx);
	fetch->context.data = GO_ARG2(ctx);
	fetch->start_ns = bpf_ktime_get_ns();
	fetch->depth = stack_depth(ctx);
}

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

static __attribute__((noinline)) void take_message(struct pt_regs *ctx, struct kafka_fetch *fetch,
						   struct kafka_fetched *fetched, const struct fetched_call *call)
{
	struct kafka_consumer_record *r = &fetched->record;
	struct kafka_message message = {};
	u64 goid = call->goid;
	u64 line;

	read_message(&message, call->at);
	find_message_headers(&message.headers, header_key, header_value, HEADER_STRIDE, goid);
	r->span.start_ns = bpf_ktime_get_ns();
	identify_message(ctx, fetched, goid, &fetch->context);
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

/* Behind the return of FetchMessage. */
static __always_inline void message_fetched(struct pt_regs *ctx)
{
	struct fetched_call call = {
		.goid = current_goid(ctx),
		.error = {.tab = GO_ARG0(ctx), .data = GO_ARG1(ctx)},
	};
	struct kafka_fetch *fetch = bpf_map_lookup_elem(&kafka_fetches, &call.goid);
	struct kafka_fetched *fetched;

	/* A copy of the message may be a loop, in which the probe is hit again. */
	if (!fetch || !fetch->is_waiting || stack_depth(ctx) > fetch->depth)
		return;
	fetch->is_waiting = 0;
	if (call.error.tab && is_end_of_waiting(&call.error))
		return;
	count(COUNTER_started);
	bpf_map_update_elem(&kafka_fetched_messages, &call.goid, &nothing_fetched, BPF_ANY);
	fetched = fetched_by(call.goid);
	if (!fetched) {
		count(COUNTER_in_flight_full);
		return;
	}
	fetched->record.span.record.library = library_id;
	call.at = call.error.tab ? 0 : message_on_stack(ctx, fetch, fetched);
	if (call.error.tab)
		take_failure(ctx, fetch, fetched, &call);
	else if (call.at)
		take_message(ctx, fetch, fetched, &call);
	else
		count(COUNTER_unreadable);
	bpf_map_delete_elem(&kafka_fetched_messages, &call.goid);
}

/* Messages of one call of CommitMessages that are looked at: the last ones. */
#define MAX_COMMITTED 1024

/* What one call commits in a row in one partition: told of once. */
struct kafka_commits {
	u64 reader;
	struct go_string topic;
	u64 partition;
	/* The last one; only where `any`. */
	u64 offset;
	u64 any;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u64);
	__type(value, struct kafka_commits);
} kafka_committing SEC(".maps");

static __always_inline void tell_commits(struct kafka_commits *commits, u64 goid)
{
	if (commits->any)
		note_acknowledged(goid, line_of_message(commits->reader, &commits->topic, commits->partition),
				  commits->offset);
}

/* One message of those that are committed. A global function, verified once for all passes of the loop. */
__attribute__((noinline)) int take_commit(u64 at, u64 goid)
{
	struct kafka_commits *commits = bpf_map_lookup_elem(&kafka_committing, &goid);
	struct go_string topic = read_string(at + message_topic);
	u64 partition = read_word(at + message_partition);
	u64 offset = read_word(at + message_offset);

	if (!commits)
		return 0;
	if (!commits->any || commits->partition != partition || commits->topic.data != topic.data ||
	    commits->topic.length != topic.length) {
		tell_commits(commits, goid);
		commits->topic = topic;
		commits->partition = partition;
		commits->offset = offset;
		commits->any = 1;
	}
	if (offset > commits->offset)
		commits->offset = offset;
	return 0;
}

/* (*Reader).CommitMessages(reader, context, messages...) */
static __always_inline void messages_committed(struct pt_regs *ctx)
{
	struct kafka_commits commits = {.reader = GO_ARG0(ctx)};
	struct kafka_commits *told;
	u64 goid = current_goid(ctx);
	u64 first = GO_ARG3(ctx), length = GO_ARG4(ctx);

	if (STACK_CHECK_FAILS(ctx) || is_called_by_read_message(ctx) ||
	    bpf_map_update_elem(&kafka_committing, &goid, &commits, BPF_ANY))
		return;
	if (length > MAX_COMMITTED) {
		count(COUNTER_field_unreadable);
		first += (length - MAX_COMMITTED) * MESSAGE_SIZE;
		length = MAX_COMMITTED;
	}
	for (u32 i = 0; i < MAX_COMMITTED && i < length; i++)
		take_commit(first + (u64)i * MESSAGE_SIZE, goid);
	told = bpf_map_lookup_elem(&kafka_committing, &goid);
	if (told)
		tell_commits(told, goid);
	bpf_map_delete_elem(&kafka_committing, &goid);
	/* What it does behind this is not for a message any more. */
	forget_started(goid);
}

GO_PROBE(kafka_message_asked, message_asked)
GO_PROBE(kafka_message_fetched, message_fetched)
GO_PROBE(kafka_messages_committed, messages_committed)
