/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Leaves the trace context of a request for the socket that will send it. Called where *net/http.persistConn takes a
 * request over: its goroutine that writes comes later, and a connection of HTTP/1 has one request at a time.
 */
#pragma once

#include "outgoing_heads.h"
#include "outgoing_lines.h"
#include "outgoing_socket.h"

/* itab of *net.TCPConn for net.Conn, with the load bias: no other connection is plain text for sure. */
volatile const u64 conn_tcp_itab = 0;

volatile const u16 persist_conn_conn = ABSENT;

/* Cookie of the connection's socket; 0, and counted, when nothing can be left for it. */
static __always_inline u64 connection_cookie(const struct outgoing_settings *settings, u64 persist_conn)
{
	struct go_iface conn = {};
	u64 sock;

	if (bpf_probe_read_user(&conn, sizeof(conn), (const void *)(persist_conn + persist_conn_conn))) {
		count_outgoing(OUTGOING_unreadable);
		return 0;
	}
	if (!conn_tcp_itab || conn.tab != conn_tcp_itab) {
		count_outgoing(OUTGOING_other_connection);
		return 0;
	}
	sock = sock_of_conn(settings, conn.data);
	return sock ? cookie_of_sock(settings, sock) : 0;
}

/* What a new entry is copied from: the stack has no room for it. */
static const struct outgoing_head no_head;

/*
 * `persist_conn` is the *net/http.persistConn that will send the request of `span`. `tracestate` and `baggage` are
 * what came with the request that this one serves, in the target's memory; both may be empty.
 */
static __always_inline void hand_over_head(u64 persist_conn, const struct span_context *span,
					   const struct handed_on *tracestate, const struct handed_on *baggage)
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
	append_lines(head, propagators, span, tracestate, baggage);
	count_outgoing(OUTGOING_handed_over);
}
