/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Which span each message of a batch belongs to: a Writer collects the messages of many calls in batches, and encodes
 * them later, on other goroutines, as often as it takes until a broker accepts them.
 */
#pragma once

#include "../sends.h"

/* A read that failed leaves it open what is under a key. From then on nothing counts that was noted before. */
volatile u64 epoch = 0;

static __always_inline void forget_all(void)
{
	__sync_fetch_and_add(&epoch, 1);
	count_outgoing(OUTGOING_unreadable);
}

volatile const u16 write_batch_time = ABSENT;
volatile const u16 write_batch_msgs = ABSENT;
volatile const u16 write_batch_size = ABSENT;
volatile const u16 write_batch_bytes = ABSENT;
volatile const u16 message_topic = ABSENT;
volatile const u16 message_key = ABSENT;
volatile const u16 message_value = ABSENT;
volatile const u16 message_headers = ABSENT;

/* A batch is told from another one in the same memory by its time, without its zone: wall and ext of time.Time. */
struct batch_time {
	u64 wall;
	u64 ext;
};

static __always_inline int same_time(const struct batch_time *a, const struct batch_time *b)
{
	return a->wall == b->wall && a->ext == b->ext;
}

struct queued_key {
	u64 batch;
	/* Among its messages. */
	u64 index;
};

struct queued_message {
	struct message_identity identity;
	struct batch_time time;
	u64 epoch;
	/* What the batch's messages may come to. */
	u64 max_bytes;
	struct span_context context;
	struct handed_on tracestate;
	struct handed_on baggage;
};

/* Nobody tells when a batch is over: the oldest go (LRU). */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct queued_key);
	__type(value, struct queued_message);
} queued_messages SEC(".maps");

struct sent_batch {
	u64 batch;
	struct batch_time time;
	u64 epoch;
};

/* Keyed by the address of a batch's first message, which is what its encoder knows. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, struct sent_batch);
} sent_batches SEC(".maps");

/* Messages of a call that have been added to batches. */
struct added_messages {
	/* The call's first span id. */
	u64 call;
	/* Bits, by index. */
	u32 added;
	u32 last;
	/* The last one's place. */
	struct queued_key place;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, struct added_messages);
} added_messages SEC(".maps");

static __always_inline int same_string(const struct go_string *a, const struct go_string *b)
{
	return a->data == b->data && a->length == b->length;
}

static __always_inline int same_message(const struct message_identity *a, const struct message_identity *b)
{
	return same_string(&a->value, &b->value) && same_string(&a->key, &b->key) &&
	       same_string(&a->headers, &b->headers);
}

/* Whether the message at `address` of the target's memory is this one of the call. A global function, verified once. */
__attribute__((noinline)) int is_message_of_call(u64 goid, u64 index, u64 address)
{
	struct kafka_message_key key = {goid, index};
	const struct kafka_message *message = bpf_map_lookup_elem(&kafka_messages, &key);
	struct message_identity identity = {};
	struct go_string topic = {};

	if (!message ||
	    bpf_probe_read_user(&identity.value, sizeof(identity.value), (const void *)(address + message_value)) ||
	    bpf_probe_read_user(&identity.key, sizeof(identity.key), (const void *)(address + message_key)) ||
	    bpf_probe_read_user(&identity.headers, sizeof(identity.headers),
				(const void *)(address + message_headers)) ||
	    bpf_probe_read_user(&topic, sizeof(topic), (const void *)(address + message_topic)))
		return 0;
	/* Without one of its own it has the Writer's. */
	return same_message(&identity, &message->identity) && (!topic.length || same_string(&topic, &message->topic));
}

#define NO_MESSAGE (~0U)

/*
 * Which of the call's messages is added here. Of those that are the same in all, down to their places in memory, each
 * is taken once.
 */
static __always_inline u32 next_message(const struct kafka_send *send, u64 goid, u64 address,
					const struct added_messages *before)
{
	u32 found = NO_MESSAGE;
	u64 size = 0;

	/* A batch that has no room refuses a message, which then comes once more, with another batch. */
	if (before->added && is_message_of_call(goid, before->last, address) &&
	    !bpf_probe_read_user(&size, sizeof(size), (const void *)(before->place.batch + write_batch_size)) &&
	    size == before->place.index)
		return before->last;
	for (u32 i = 0; i < MAX_SENDS; i++)
		if (i < send->kept && found == NO_MESSAGE && !(before->added >> i & 1) &&
		    is_message_of_call(goid, i, address))
			found = i;
	return found;
}

/* The index of the message that is added at `place`, and that it has been. */
static __always_inline u32 take_message(const struct kafka_send *send, u64 goid, u64 address,
					const struct queued_key *place)
{
	const struct added_messages *known = bpf_map_lookup_elem(&added_messages, &goid);
	struct added_messages now = {.call = *(const u64 *)send->span.span_id};
	u32 index;

	if (known && known->call == now.call)
		now = *known;
	index = next_message(send, goid, address, &now);
	if (index == NO_MESSAGE)
		return index;
	now.added |= 1U << (index & 31);
	now.last = index;
	now.place = *place;
	return bpf_map_update_elem(&added_messages, &goid, &now, BPF_ANY) ? NO_MESSAGE : index;
}

/* The call of (*Writer).WriteMessages that this goroutine is in; 0: in none that is known. */
static __always_inline const struct kafka_send *call_of(u64 goid, struct pt_regs *ctx)
{
	const struct kafka_send *send = bpf_map_lookup_elem(&kafka_sends, &goid);

	return send && send->sender == SENDER_writer && goes_on(&send->open.self, ctx) ? send : 0;
}

static __always_inline int read_identity(struct message_identity *identity, u64 address)
{
	return bpf_probe_read_user(&identity->value, sizeof(identity->value),
				   (const void *)(address + message_value)) ||
	       bpf_probe_read_user(&identity->key, sizeof(identity->key), (const void *)(address + message_key)) ||
	       bpf_probe_read_user(&identity->headers, sizeof(identity->headers),
				   (const void *)(address + message_headers));
}

/* (*writeBatch).add(batch, Message, maxSize, maxBytes), whose message lies on the stack behind the return address. */
static __always_inline void message_added(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx), address = STACK_POINTER(ctx) + sizeof(u64);
	struct queued_message message = {.epoch = epoch, .max_bytes = GO_ARG2(ctx)};
	struct queued_key place = {.batch = GO_ARG0(ctx)};
	const struct kafka_send *send;
	u32 index = 0;

	if (STACK_CHECK_FAILS(ctx))
		return;
	if (bpf_probe_read_user(&place.index, sizeof(place.index), (const void *)(place.batch + write_batch_size))) {
		forget_all();
		return;
	}
	/* What a batch before has left in the same memory. */
	bpf_map_delete_elem(&queued_messages, &place);
	send = call_of(goid, ctx);
	if (!send || !propagators_on())
		return;
	if (send->kept > 1)
		index = take_message(send, goid, address, &place);
	if (index == NO_MESSAGE || read_identity(&message.identity, address) ||
	    bpf_probe_read_user(&message.time, sizeof(message.time), (const void *)(place.batch + write_batch_time))) {
		count_outgoing(OUTGOING_unreadable);
		return;
	}
	send_context(&message.context, send, index);
	message.tracestate = send->open.self.tracestate;
	message.baggage = send->open.self.baggage;
	if (bpf_map_update_elem(&queued_messages, &place, &message, BPF_ANY))
		count_outgoing(OUTGOING_unreadable);
	else
		count_outgoing(OUTGOING_handed_over);
}

/* (*partitionWriter).writeBatch(writer, batch): the batch is complete, and none of it has been encoded. */
static __always_inline void batch_sent(struct pt_regs *ctx)
{
	struct sent_batch sent = {.batch = GO_ARG1(ctx), .epoch = epoch};
	u64 messages = 0;

	if (STACK_CHECK_FAILS(ctx))
		return;
	if (bpf_probe_read_user(&messages, sizeof(messages), (const void *)(sent.batch + write_batch_msgs)) ||
	    bpf_probe_read_user(&sent.time, sizeof(sent.time), (const void *)(sent.batch + write_batch_time)) ||
	    bpf_map_update_elem(&sent_batches, &messages, &sent, BPF_ANY))
		forget_all();
}
