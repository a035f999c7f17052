// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* kafka-go's Reader: one hit where a message is asked for, one where it is there; one for each call that commits. */

#include "brought.h"
#include "commits.h"
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
		keep_ended(goid, 0);
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
	if (call.error.tab) {
		take_failure(ctx, fetch, fetched, &call);
	} else if (call.at) {
		begin_message(ctx, fetch, fetched, &call);
		take_message(ctx, fetch, fetched, &call);
	} else {
		count(COUNTER_unreadable);
	}
	bpf_map_delete_elem(&kafka_fetched_messages, &call.goid);
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
