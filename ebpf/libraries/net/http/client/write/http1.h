/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * HTTP/1 on connections that the sockets can't serve, TLS above all: the header lines go into the connection's
 * bufio.Writer, behind the lines that net/http has put there itself and before those of the request's own map.
 */
#pragma once

#include "outgoing_lines.h"
#include "outgoing_span.h"
#include "pending_head.h"

/* itab of *net.TCPConn for net.Conn, with the load bias. */
volatile const u64 conn_tcp_itab = 0;

volatile const u16 persist_conn_conn = ABSENT;
volatile const u16 persist_conn_writer = ABSENT;
volatile const u16 transport_request_request = ABSENT;
volatile const u16 request_header = ABSENT;
volatile const u16 buffered_writer_buffer = ABSENT;
volatile const u16 buffered_writer_used = ABSENT;

/* A connection of plain TCP is served on its socket, where that is possible. */
static __always_inline int is_socket_tiers(u64 persist_conn)
{
	const struct outgoing_settings *settings = outgoing_config();
	u64 itab = 0;

	return conn_tcp_itab && settings && settings->task_files &&
	       !bpf_probe_read_user(&itab, sizeof(itab), (const void *)(persist_conn + persist_conn_conn)) &&
	       itab == conn_tcp_itab;
}

static __always_inline u64 map_of_headers(u64 transport_request)
{
	u64 request = read_word(transport_request + transport_request_request);

	return request ? read_word(request + request_header) : 0;
}

/* (*persistConn).roundTrip(conn, *transportRequest): the connection is this request's from here on. */
static __always_inline void connection_taken(struct pt_regs *ctx)
{
	struct pending_head *pending;
	const struct open_span *span;
	u64 writer;
	u32 formats;

	if (STACK_CHECK_FAILS(ctx) || is_socket_tiers(GO_ARG0(ctx)))
		return;
	writer = read_word(GO_ARG0(ctx) + persist_conn_writer);
	span = outgoing_span(current_goid(ctx));
	if (!span) {
		/* What an earlier request has left, which was given up before it was written. */
		bpf_map_delete_elem(&pending_heads, &writer);
		return;
	}
	pending = new_pending(writer);
	if (!pending)
		return;
	formats = span->outgoing & propagators_on();
	pending->header = map_of_headers(GO_ARG1(ctx));
	append_lines(&pending->head, formats, &span->context, &span->tracestate, &span->baggage);
	count_outgoing(OUTGOING_handed_over);
}

/* Whether the bytes before `end` are the end of a line. */
static __always_inline int is_behind_line(u64 end)
{
	u8 before[2] = {};

	return !bpf_probe_read_user(before, sizeof(before), (const void *)(end - sizeof(before))) &&
	       before[0] == '\r' && before[1] == '\n';
}

/* Bytes first, then how many are used: half done, the buffer is as it was. */
static __always_inline enum outgoing_count append_to_buffer(struct pending_head *pending, u64 writer)
{
	struct go_slice buffer = {};
	u64 used = 0, after;
	u32 length = pending->head.length;

	if (bpf_probe_read_user(&buffer, sizeof(buffer), (const void *)(writer + buffered_writer_buffer)) ||
	    bpf_probe_read_user(&used, sizeof(used), (const void *)(writer + buffered_writer_used)))
		return OUTGOING_unreadable;
	if (used > buffer.length || buffer.length - used < length)
		return OUTGOING_head_too_long;
	if (used < 2 || !is_behind_line(buffer.data + used))
		return OUTGOING_not_http;
	after = used + length;
	if (write_user(buffer.data + used, pending->head.text, length, OUTGOING_BYTES) ||
	    bpf_probe_write_user((void *)(writer + buffered_writer_used), &after, sizeof(after)))
		return OUTGOING_refused;
	return OUTGOING_written;
}

/* Header.writeSubset(header, io.Writer, …): of requests and of responses, by any goroutine. */
static __always_inline void headers_written(struct pt_regs *ctx)
{
	u64 writer = GO_ARG2(ctx);
	struct pending_head *pending = bpf_map_lookup_elem(&pending_heads, &writer);

	/* Another map: headers of net/http's own, or an entry of a request that was never written. */
	if (!pending || STACK_CHECK_FAILS(ctx) || pending->header != GO_ARG0(ctx))
		return;
	count_outgoing(append_to_buffer(pending, writer));
	bpf_map_delete_elem(&pending_heads, &writer);
}
