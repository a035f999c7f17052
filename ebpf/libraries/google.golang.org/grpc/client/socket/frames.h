/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Leaves the context of a call for the socket that its frame of headers will be sent on: outgoing_frames.h. At
 * (*loopyWriter).writeHeader the frame is about to be put into the connection's bufWriter, behind the bytes that are
 * there, and all that was there before has been sent: it is this goroutine that sends it.
 */
#pragma once

#include "../outgoing.h"
#include "outgoing_fields.h"
#include "outgoing_frames.h"
#include "outgoing_socket.h"

/* Bytes in the bufWriter. */
volatile const u16 buf_writer_offset = ABSENT;

/* What new entries are copied from: the stack has no room for one of them. */
static const struct outgoing_frame no_frame;

/* The connection's entry, with no frame left that has surely gone out or never will; 0, and counted, without. */
static __always_inline struct outgoing_connection *connection_of(u64 cookie, u64 sock)
{
	struct outgoing_connection *connection = bpf_map_lookup_elem(&outgoing_connections, &cookie);

	if (!connection) {
		struct outgoing_connection fresh = {.sock = sock};

		bpf_map_update_elem(&outgoing_connections, &cookie, &fresh, BPF_ANY);
		connection = bpf_map_lookup_elem(&outgoing_connections, &cookie);
	}
	if (!connection) {
		count_outgoing(OUTGOING_unreadable);
		return 0;
	}
	/* Nobody fetches them: the socket is not one of those that are watched. */
	if (connection->next - connection->first >= MAX_WAITING) {
		count_outgoing(OUTGOING_not_watched);
		connection->first = connection->next;
	}
	if (connection->first == connection->next)
		connection->added = 0;
	return connection;
}

/* The text of those fields for which the list has room. 0: for none. */
static __always_inline int write_fields(const struct outgoing_call *call, struct outgoing_head *fields)
{
	u32 needed;

	/* Place for the last byte of the frame as it is: propagation/socket/frames.h. */
	fields->length = 1;
	needed = append_fields(fields, call->formats, &call->context, &call->tracestate, &call->baggage);
	return fit_into_list(fields, needed, call);
}

/* The frame's place in what the connection sends; 0: not known. */
static __always_inline int place_frame(const struct outgoing_settings *settings,
				       const struct outgoing_connection *connection, u64 writer, u32 *position)
{
	u64 waiting = 0;

	if (bpf_probe_read_user(&waiting, sizeof(waiting), (const void *)(writer + buf_writer_offset)))
		return 0;
	*position = bytes_written(settings, connection) + (u32)waiting;
	return 1;
}

/* Hands the call's context over to the connection's socket. */
static __always_inline void hand_over_frame(const struct outgoing_call *call, u64 writer, u32 stream)
{
	const struct outgoing_settings *settings = outgoing_config();
	struct outgoing_frame_key key = {};
	struct outgoing_connection *connection;
	struct outgoing_frame *frame;
	u64 conn = tcp_conn_of(writer), sock;

	if (!settings || !settings->propagators)
		return;
	if (!conn) {
		count_outgoing(OUTGOING_other_connection);
		return;
	}
	sock = sock_of_conn(settings, conn);
	key.cookie = sock ? cookie_of_sock(settings, sock) : 0;
	connection = key.cookie ? connection_of(key.cookie, sock) : 0;
	if (!connection)
		return;
	key.number = connection->next;
	if (bpf_map_update_elem(&outgoing_frames, &key, &no_frame, BPF_ANY) ||
	    !(frame = bpf_map_lookup_elem(&outgoing_frames, &key)) ||
	    !place_frame(settings, connection, writer, &frame->position)) {
		count_outgoing(OUTGOING_unreadable);
		return;
	}
	frame->stream = stream;
	if (!write_fields(call, &frame->fields)) {
		count_outgoing(OUTGOING_head_too_long);
		bpf_map_delete_elem(&outgoing_frames, &key);
		return;
	}
	connection->next = key.number + 1;
	count_outgoing(OUTGOING_handed_over);
}
