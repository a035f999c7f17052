// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * kafka-go's producers: one hit where a call begins, one where it has returned, with however many messages.
 * A Writer's requests are made by goroutines of its own, for messages of several calls together: they are not looked at.
 */

#include "end.h"
#include "preemption.h"
#include "return_site.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

volatile const u16 writer_address = ABSENT;
volatile const u16 writer_topic = ABSENT;
volatile const u16 writer_transport = ABSENT;
volatile const u16 client_address = ABSENT;
volatile const u16 client_transport = ABSENT;
volatile const u16 request_address = ABSENT;
volatile const u16 request_topic = ABSENT;
volatile const u16 request_partition = ABSENT;
volatile const u16 request_records = ABSENT;
volatile const u16 response_error = ABSENT;
volatile const u16 response_base_offset = ABSENT;
volatile const u16 transport_client_id = ABSENT;
volatile const u16 network_address_text = ABSENT;
volatile const u16 connection_client_id = ABSENT;
volatile const u16 connection_topic = ABSENT;
volatile const u16 connection_partition = ABSENT;

/* What net.Addr and kafka.RoundTripper mostly are. */
volatile const u64 network_address_itab = 0;
volatile const u64 transport_itab = 0;
/* The records of a Writer's own requests. */
volatile const u64 writer_records_itab = 0;

/* Where a field is; 0: this binary doesn't tell. */
static __always_inline u64 field_at(u64 struct_at, u16 field)
{
	return field == ABSENT ? 0 : struct_at + field;
}

/* (*Writer).WriteMessages(w, ctx, messages ...Message) error */
static __always_inline void write_started(struct pt_regs *ctx)
{
	struct sending sending = {
		.owner = GO_ARG0(ctx),
		.context = {GO_ARG1(ctx), GO_ARG2(ctx)},
		.messages = {.data = GO_ARG3(ctx), .length = GO_ARG4(ctx)},
		.partition = -1,
		.sender = SENDER_writer,
	};

	if (STACK_CHECK_FAILS(ctx))
		return;
	give_up_ended(ctx);
	if (!sending.messages.length || !return_is_known(ctx, 2))
		return;
	sending.address = field_at(sending.owner, writer_address);
	sending.topic = read_string(field_at(sending.owner, writer_topic));
	begin(ctx, &sending);
}

/* 32 bits, also of an int: the protocol has no more. -1: not known. */
static __always_inline s32 read_partition(u64 at)
{
	s32 partition = -1;

	if (at)
		read_user(&partition, sizeof(partition), at);
	return partition;
}

/* (*Conn).writeCompressedMessages(c, codec, messages ...Message) */
static __always_inline void connection_write_started(struct pt_regs *ctx)
{
	struct sending sending = {
		.owner = GO_ARG0(ctx),
		.messages = {.data = GO_ARG3(ctx), .length = GO_ARG4(ctx)},
		.sender = SENDER_conn,
	};

	if (STACK_CHECK_FAILS(ctx) || !sending.messages.length)
		return;
	sending.topic = read_string(field_at(sending.owner, connection_topic));
	sending.partition = read_partition(field_at(sending.owner, connection_partition));
	begin(ctx, &sending);
}

#if defined(__TARGET_ARCH_x86)
/* Bytes of a CALL with a distance of 32 bits, which is where this is: the call itself comes next. */
#define CALL_LENGTH 5
#define RETURN_ADDRESS(ctx) ((ctx)->ip + CALL_LENGTH)
#define IS_NO_CALL(ctx) (!return_to_shows(ctx, RETURN_ADDRESS(ctx), 3, 0))
#else
/* At the function's entry. */
#define RETURN_ADDRESS(ctx) 0
#define IS_NO_CALL(ctx) STACK_CHECK_FAILS(ctx)
#endif

/* A Writer's own requests have records of their own type. */
static __always_inline int is_of_writer(u64 request)
{
	return writer_records_itab && read_word(request + request_records) == writer_records_itab;
}

/* (*Client).Produce(c, ctx, *ProduceRequest) */
static __always_inline void produce_started(struct pt_regs *ctx)
{
	u64 request = GO_ARG3(ctx);
	struct sending sending = {
		.owner = GO_ARG0(ctx),
		.context = {GO_ARG1(ctx), GO_ARG2(ctx)},
		.return_address = RETURN_ADDRESS(ctx),
		.sender = SENDER_client,
	};

	if (IS_NO_CALL(ctx) || !request || is_of_writer(request))
		return;
	sending.address = field_at(request, request_address);
	if (sending.address && !read_word(sending.address))
		sending.address = field_at(sending.owner, client_address);
	sending.topic = read_string(field_at(request, request_topic));
	sending.partition = read_partition(field_at(request, request_partition));
	begin(ctx, &sending);
}

/* This goroutine's call that has just returned, behind its call or, where that is so, at its own return. */
static __always_inline struct kafka_send *returned(struct pt_regs *ctx, u64 goid, int itself)
{
	struct kafka_send *send = bpf_map_lookup_elem(&kafka_sends, &goid);
	u64 depth;

	if (!send)
		return 0;
	depth = stack_depth(ctx);
	if (depth > send->open.self.depth || (depth == send->open.self.depth && ends_at_callers && !itself))
		return 0;
	return send;
}

/* The net.Addr and the RoundTripper that are at these addresses. */
static __always_inline void keep_way(struct kafka_send_record *r, u64 address, u64 transport)
{
	struct go_iface found = {};
	struct go_string text;

	if (address && !read_user(&found, sizeof(found), address) && found.tab && found.tab == network_address_itab) {
		text = read_string(found.data + network_address_text);
		keep_text(&r->texts, &r->broker, &text, MAX_BROKER);
	}
	if (transport && !read_user(&found, sizeof(found), transport) && found.tab &&
	    found.tab == transport_itab) {
		text = read_string(found.data + transport_client_id);
		keep_text(&r->texts, &r->client_id, &text, MAX_CLIENT_ID);
	}
}

/* What a call returned: of Produce a response beside the error. */
struct results {
	s64 offset;
	struct go_iface error;
};

static __attribute__((noinline)) void end_write(struct kafka_send *send, u64 goid, const struct results *results)
{
	int is_writer = send->sender == SENDER_writer;
	struct kafka_told *told;

	if (!send->span.is_wanted) {
		leave_out(send, goid);
		return;
	}
	told = new_told(send, goid);
	if (!told)
		return;
	keep_way(&told->record, send->address, field_at(send->owner, is_writer ? writer_transport : client_transport));
	told->offset = results->offset;
	take_error(told, results->error.tab, results->error.data);
	tell_all(told, send, goid);
}

/* The broker's answer, where there is one: none was asked for, or the error is Produce's own. */
static __always_inline void read_response(struct results *results, u64 response)
{
	if (!response || results->error.tab)
		return;
	if (response_error == ABSENT || response_base_offset == ABSENT)
		return;
	read_user(&results->error, sizeof(results->error), response + response_error);
	if (!results->error.tab)
		results->offset = read_word(response + response_base_offset);
}

/* Behind WriteMessages, which returns an error, and Produce, which returns a response before it. */
static __always_inline void write_returned(struct pt_regs *ctx)
{
	u64 first = GO_ARG0(ctx), second = GO_ARG1(ctx), third = GO_ARG2(ctx);
	u64 goid = current_goid(ctx);
	struct results results = {.offset = -1, .error = {first, second}};
	struct kafka_send *send = returned(ctx, goid, 0);

	if (!send || send->sender == SENDER_conn)
		return;
	if (send->sender == SENDER_client) {
		results.error = (struct go_iface){second, third};
		read_response(&results, first);
	}
	close_operation(&send->open, goid);
	end_write(send, goid, &results);
	bpf_map_delete_elem(&kafka_sends, &goid);
}

static __attribute__((noinline)) void end_connection_write(struct kafka_send *send, u64 goid,
							    const struct results *results)
{
	struct kafka_told *told;
	struct go_string text;

	if (!send->span.is_wanted) {
		leave_out(send, goid);
		return;
	}
	told = new_told(send, goid);
	if (!told)
		return;
	text = read_string(field_at(send->owner, connection_client_id));
	keep_text(&told->record.texts, &told->record.client_id, &text, MAX_CLIENT_ID);
	if (!results->error.tab)
		told->offset = results->offset;
	take_error(told, results->error.tab, results->error.data);
	tell_all(told, send, goid);
}

/* Where writeCompressedMessages returns (bytes, partition, offset, time (three words), error). */
static __always_inline void connection_write_returned(struct pt_regs *ctx)
{
	struct results results = {GO_ARG2(ctx), {GO_ARG6(ctx), GO_ARG7(ctx)}};
	u64 goid = current_goid(ctx);
	struct kafka_send *send = returned(ctx, goid, 1);

	if (!send || send->sender != SENDER_conn)
		return;
	close_operation(&send->open, goid);
	end_connection_write(send, goid, &results);
	bpf_map_delete_elem(&kafka_sends, &goid);
}

GO_PROBE(kafka_write_started, write_started)
GO_PROBE(kafka_write_returned, write_returned)
GO_PROBE(kafka_produce_started, produce_started)
GO_PROBE(kafka_connection_write_started, connection_write_started)
GO_PROBE(kafka_connection_write_returned, connection_write_returned)
