/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Leaves the trace context of a request for the socket that will send it. Called where *net/http.persistConn takes a
 * request over: its goroutine that writes comes later, and a connection of HTTP/1 has one request at a time.
 */
#pragma once

#include "outgoing.h"
#include "traceparent.h"

/* itab of *net.TCPConn for net.Conn, with the load bias: no other connection is plain text for sure. */
volatile const u64 conn_tcp_itab = 0;

volatile const u16 persist_conn_conn = ABSENT;
/* net.TCPConn embeds net.conn, whose only field is the *net.netFD. */
volatile const u16 tcp_conn_conn = ABSENT;
volatile const u16 net_conn_fd = ABSENT;
volatile const u16 net_fd_poll_fd = ABSENT;
volatile const u16 poll_fd_descriptor = ABSENT;

/* Cookie of the connection's socket; 0, and counted, when nothing can be left for it. */
static __always_inline u64 connection_cookie(const struct outgoing_settings *settings, u64 persist_conn)
{
	struct go_iface conn = {};
	u64 fd = 0, descriptor = 0, cookie;

	if (bpf_probe_read_user(&conn, sizeof(conn), (const void *)(persist_conn + persist_conn_conn))) {
		count_outgoing(OUTGOING_unreadable);
		return 0;
	}
	if (!conn_tcp_itab || conn.tab != conn_tcp_itab) {
		count_outgoing(OUTGOING_other_connection);
		return 0;
	}
	if (bpf_probe_read_user(&fd, sizeof(fd), (const void *)(conn.data + tcp_conn_conn + net_conn_fd)) ||
	    bpf_probe_read_user(&descriptor, sizeof(descriptor),
				(const void *)(fd + net_fd_poll_fd + poll_fd_descriptor))) {
		count_outgoing(OUTGOING_unreadable);
		return 0;
	}
	/* A closed one is -1. */
	cookie = descriptor < 1 << 30 ? socket_cookie(settings, descriptor) : 0;
	if (!cookie)
		count_outgoing(OUTGOING_not_watched);
	return cookie;
}

/* What a new entry is copied from: the stack has no room for it. */
static const struct outgoing_head no_head;

#define APPEND(head, literal)                                                                                  \
	do {                                                                                                   \
		u32 append_at = (head)->length;                                                                \
		if (append_at <= OUTGOING_BYTES - sizeof(literal)) {                                           \
			__builtin_memcpy((head)->text + append_at, literal, sizeof(literal) - 1);              \
			(head)->length = append_at + sizeof(literal) - 1;                                      \
		}                                                                                              \
	} while (0)

/*
 * Four bytes as eight lower-case hex digits, all at once: each nibble becomes a byte, and one of 10 and more gets the
 * distance from '9' + 1 to 'a' on top.
 */
static __always_inline void hex_digits(const u8 *bytes, u8 *digits)
{
	u64 v = *(const u32 *)bytes;
	u64 letters;

	v = (v | (v << 16)) & 0x0000ffff0000ffffULL;
	v = (v | (v << 8)) & 0x00ff00ff00ff00ffULL;
	v = ((v >> 4) | (v << 8)) & EACH_BYTE(0x0f);
	letters = ((v + EACH_BYTE(6)) >> 4) & EACH_BYTE(1);
	v += EACH_BYTE('0') + letters * ('a' - '0' - 10);
	__builtin_memcpy(digits, &v, sizeof(v));
}

/* `bytes`, 8 or 16 of them, as twice as many digits. */
static __always_inline void append_hex(struct outgoing_head *head, const u8 *bytes, const u32 size)
{
	u32 at = head->length;

	if (at > OUTGOING_BYTES - 2 * 16)
		return;
	for (u32 i = 0; i < size; i += 4)
		hex_digits(bytes + i, head->text + at + 2 * i);
	head->length = at + 2 * size;
}

static __always_inline void append_id(struct outgoing_head *head, const struct span_context *span)
{
	append_hex(head, span->trace_id, sizeof(span->trace_id));
	APPEND(head, "-");
	append_hex(head, span->span_id, sizeof(span->span_id));
}

/* Whether the value of a header may go on; one that is too long, or unreadable, is counted. */
static __always_inline int append_value(struct outgoing_head *head, const struct go_string *value)
{
	u32 at = head->length;
	u64 length = value->length;

	barrier_var(length);
	if (length > OUTGOING_VALUE || at > OUTGOING_BYTES - OUTGOING_VALUE - 2 ||
	    bpf_probe_read_user(head->text + at, length, (const void *)value->data)) {
		count_outgoing(OUTGOING_left_out);
		return 0;
	}
	head->length = at + length;
	APPEND(head, "\r\n");
	return 1;
}

static __always_inline void append_tracecontext(struct outgoing_head *head, const struct span_context *span,
						const struct go_string *tracestate)
{
	u32 before;

	APPEND(head, "Traceparent: 00-");
	append_id(head, span);
	if (span->trace_flags & FLAG_SAMPLED)
		APPEND(head, "-01\r\n");
	else
		APPEND(head, "-00\r\n");
	if (!tracestate->length)
		return;
	before = head->length;
	APPEND(head, "Tracestate: ");
	if (!append_value(head, tracestate))
		head->length = before;
}

static __always_inline void append_b3(struct outgoing_head *head, const struct span_context *span)
{
	APPEND(head, "b3: ");
	append_id(head, span);
	if (span->trace_flags & FLAG_SAMPLED)
		APPEND(head, "-1\r\n");
	else
		APPEND(head, "-0\r\n");
}

static __always_inline void append_b3_multi(struct outgoing_head *head, const struct span_context *span)
{
	APPEND(head, "X-B3-TraceId: ");
	append_hex(head, span->trace_id, sizeof(span->trace_id));
	APPEND(head, "\r\nX-B3-SpanId: ");
	append_hex(head, span->span_id, sizeof(span->span_id));
	if (span->trace_flags & FLAG_SAMPLED)
		APPEND(head, "\r\nX-B3-Sampled: 1\r\n");
	else
		APPEND(head, "\r\nX-B3-Sampled: 0\r\n");
}

/* Last, so that it can be left away where the application sends one itself. */
static __always_inline void append_baggage(struct outgoing_head *head, const struct go_string *baggage)
{
	u32 before = head->length;

	APPEND(head, "Baggage: ");
	if (append_value(head, baggage))
		head->baggage = head->length - before;
	else
		head->length = before;
}

/*
 * `persist_conn` is the *net/http.persistConn that will send the request of `span`. `tracestate` and `baggage` are
 * what came with the request that this one serves, in the target's memory; both may be empty.
 */
static __always_inline void hand_over_head(u64 persist_conn, const struct span_context *span,
					   const struct go_string *tracestate, const struct go_string *baggage)
{
	const struct outgoing_settings *settings = outgoing_config();
	struct outgoing_head *head;
	u32 propagators;
	u64 cookie;

	if (!settings || !settings->propagators)
		return;
	propagators = settings->propagators;
	cookie = connection_cookie(settings, persist_conn);
	if (!cookie)
		return;
	if (bpf_map_update_elem(&outgoing_heads, &cookie, &no_head, BPF_ANY) ||
	    !(head = bpf_map_lookup_elem(&outgoing_heads, &cookie))) {
		count_outgoing(OUTGOING_unreadable);
		return;
	}
	if (propagators & PROPAGATOR_tracecontext)
		append_tracecontext(head, span, tracestate);
	if (propagators & PROPAGATOR_b3)
		append_b3(head, span);
	if (propagators & PROPAGATOR_b3multi)
		append_b3_multi(head, span);
	if (propagators & PROPAGATOR_baggage && baggage->length)
		append_baggage(head, baggage);
	count_outgoing(OUTGOING_handed_over);
}
