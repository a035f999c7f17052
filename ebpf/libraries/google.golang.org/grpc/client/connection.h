/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The connection that a loopyWriter writes to: whose it is, how long a list of fields it takes, and whether it is TCP. */
#pragma once

#include "own_fields.h"

volatile const u16 loopy_side = ABSENT;
volatile const u16 loopy_framer = ABSENT;
volatile const u16 framer_writer = ABSENT;
volatile const u16 buf_writer_conn = ABSENT;

/* internal/transport.clientSide; a server writes its headers by the same function. */
#define CLIENT_SIDE 0

volatile const u16 loopy_bdp_estimator = ABSENT;
volatile const u16 bdp_update_flow_control = ABSENT;
volatile const u16 client_framer = ABSENT;
volatile const u16 client_list_limit = ABSENT;

/* A method value, such as t.updateFlowControl, is a pointer to code and receiver. */
#define METHOD_VALUE_RECEIVER 8

static __always_inline u64 word_at(u64 address)
{
	u64 word = 0;

	return bpf_probe_read_user(&word, sizeof(word), (const void *)address) ? 0 : word;
}

/*
 * The *http2Client of a client's loopyWriter, which the two's estimator of bandwidth calls back; 0: not known, or none
 * is estimated.
 */
static __always_inline u64 client_of(u64 loopy)
{
	u64 estimator, update, client;

	if (loopy_bdp_estimator == ABSENT || bdp_update_flow_control == ABSENT || client_framer == ABSENT)
		return 0;
	estimator = word_at(loopy + loopy_bdp_estimator);
	update = estimator ? word_at(estimator + bdp_update_flow_control) : 0;
	client = update ? word_at(update + METHOD_VALUE_RECEIVER) : 0;
	return client && word_at(client + client_framer) == word_at(loopy + loopy_framer) ? client : 0;
}

/* Bytes that the list of a call's fields may come to on this connection: a peer may have said that it takes fewer. */
static __always_inline u32 list_limit(u64 loopy)
{
	u64 client = client_list_limit == ABSENT ? 0 : client_of(loopy);
	u64 said = client ? word_at(client + client_list_limit) : 0;
	u32 limit = MAX_FIELD_LIST;

	if (said && bpf_probe_read_user(&limit, sizeof(limit), (const void *)said))
		return 0;
	return limit < MAX_FIELD_LIST ? limit : MAX_FIELD_LIST;
}

/* itab of *net.TCPConn for net.Conn, with the load bias. */
volatile const u64 conn_tcp_itab = 0;

/* The loopyWriter's *bufWriter; 0 when it can't be read. */
static __always_inline u64 writer_of(u64 loopy)
{
	u64 framer = 0, writer = 0;

	if (bpf_probe_read_user(&framer, sizeof(framer), (const void *)(loopy + loopy_framer)) ||
	    bpf_probe_read_user(&writer, sizeof(writer), (const void *)(framer + framer_writer)))
		return 0;
	return writer;
}

/*
 * The *net.TCPConn that a bufWriter writes to; 0: another connection. It holds it as a net.Conn, or since 1.7x, as an
 * io.Writer, of which the binary has no itab: the type that both name is compared.
 */
static __always_inline u64 tcp_conn_of(u64 writer)
{
	struct go_iface conn = {};
	u64 type = 0, tcp = 0;

	if (!conn_tcp_itab ||
	    bpf_probe_read_user(&conn, sizeof(conn), (const void *)(writer + buf_writer_conn)) ||
	    bpf_probe_read_user(&type, sizeof(type), (const void *)(conn.tab + GO_ITAB_TYPE)) ||
	    bpf_probe_read_user(&tcp, sizeof(tcp), (const void *)(conn_tcp_itab + GO_ITAB_TYPE)))
		return 0;
	return type && type == tcp ? conn.data : 0;
}

/* A connection of plain TCP is served on its socket, where that is possible. */
static __always_inline int sockets_carry(u64 writer)
{
	const struct outgoing_settings *settings = outgoing_config();

	return settings && settings->task_files && tcp_conn_of(writer);
}
