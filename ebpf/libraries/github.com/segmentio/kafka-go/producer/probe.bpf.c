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
volatile const u16 transport_client_id = ABSENT;
volatile const u16 network_address_text = ABSENT;
volatile const u16 connection_client_id = ABSENT;
volatile const u16 connection_topic = ABSENT;
volatile const u16 connection_partition = ABSENT;

/* What net.Addr and kafka.RoundTripper mostly are. */
volatile const u64 network_address_itab = 0;
volatile const u64 transport_itab = 0;

/* 1: the method itself is probed at its returns, since a caller has no place for a probe. */
volatile const u8 writer_itself = 0;

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

	if (STACK_CHECK_FAILS(ctx) || !sending.messages.length ||
	    (!writer_itself && !return_is_known(ctx, 2)))
		return;
	sending.topic = read_string(sending.owner + writer_topic);
	begin(ctx, &sending);
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
	sending.topic = read_string(sending.owner + connection_topic);
	read_user(&sending.partition, sizeof(sending.partition), sending.owner + connection_partition);
	begin(ctx, &sending);
}

/* This goroutine's call that has just returned, behind its call or, where that is so, at its own return. */
static __always_inline struct kafka_send *returned(struct pt_regs *ctx, u64 goid, enum kafka_sender sender, int itself)
{
	struct kafka_send *send = bpf_map_lookup_elem(&kafka_sends, &goid);
	u64 depth;

	if (!send || send->sender != sender)
		return 0;
	depth = stack_depth(ctx);
	if (depth > send->open.self.depth || (depth == send->open.self.depth && ends_at_callers && !itself))
		return 0;
	return send;
}

static __always_inline void keep_writer(struct kafka_send_record *r, u64 writer)
{
	struct go_iface found = {};
	struct go_string text;

	if (!read_user(&found, sizeof(found), writer + writer_address) && found.tab &&
	    found.tab == network_address_itab) {
		text = read_string(found.data + network_address_text);
		keep_text(&r->texts, &r->broker, &text, MAX_BROKER);
	}
	if (!read_user(&found, sizeof(found), writer + writer_transport) && found.tab && found.tab == transport_itab) {
		text = read_string(found.data + transport_client_id);
		keep_text(&r->texts, &r->client_id, &text, MAX_CLIENT_ID);
	}
}

static __attribute__((noinline)) void end_write(struct kafka_send *send, u64 goid, u64 itab, u64 data)
{
	struct kafka_told *told;

	if (!send->span.is_wanted) {
		leave_out(send, goid);
		return;
	}
	told = new_told(send, goid);
	if (!told)
		return;
	keep_writer(&told->record, send->owner);
	take_error(told, itab, data);
	tell_all(told, send, goid);
}

/* Behind WriteMessages: its error. */
static __always_inline void write_returned(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	struct kafka_send *send = returned(ctx, goid, SENDER_writer, writer_itself);

	if (!send)
		return;
	close_operation(&send->open, goid);
	end_write(send, goid, GO_ARG0(ctx), GO_ARG1(ctx));
	bpf_map_delete_elem(&kafka_sends, &goid);
}

struct connection_results {
	s64 offset;
	u64 itab;
	u64 data;
};

static __attribute__((noinline)) void end_connection_write(struct kafka_send *send, u64 goid,
							    const struct connection_results *results)
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
	text = read_string(send->owner + connection_client_id);
	keep_text(&told->record.texts, &told->record.client_id, &text, MAX_CLIENT_ID);
	if (!results->itab)
		told->offset = results->offset;
	take_error(told, results->itab, results->data);
	tell_all(told, send, goid);
}

/* Where writeCompressedMessages returns (bytes, partition, offset, time (three words), error). */
static __always_inline void connection_write_returned(struct pt_regs *ctx)
{
	struct connection_results results = {GO_ARG2(ctx), GO_ARG6(ctx), GO_ARG7(ctx)};
	u64 goid = current_goid(ctx);
	struct kafka_send *send = returned(ctx, goid, SENDER_conn, 1);

	if (!send)
		return;
	close_operation(&send->open, goid);
	end_connection_write(send, goid, &results);
	bpf_map_delete_elem(&kafka_sends, &goid);
}

GO_PROBE(kafka_write_started, write_started)
GO_PROBE(kafka_write_returned, write_returned)
GO_PROBE(kafka_connection_write_started, connection_write_started)
GO_PROBE(kafka_connection_write_returned, connection_write_returned)
