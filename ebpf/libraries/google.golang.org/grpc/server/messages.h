/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* How many messages a stream has: what its handler sends and reads, on whatever goroutine. */
#pragma once

#include "stream.h"

#include "late.h"

/* grpc.serverStream */
volatile const u16 server_stream = ABSENT;
volatile const u16 server_stream_context = ABSENT;
volatile const u16 server_stream_desc = ABSENT;
volatile const u16 stream_desc_client = ABSENT;
volatile const u16 stream_desc_server = ABSENT;

/* A transport.Stream's reader, what stands behind it there, and the error at which it has stopped. */
volatile const u16 stream_reader = ABSENT;
volatile const u16 stream_behind_reader = ABSENT;
volatile const u16 reader_error = ABSENT;

/* Not a call with one message each. */
static __always_inline int is_stream(u64 desc)
{
	u8 client = 0, server = 0;

	read_user(&client, sizeof(client), desc + stream_desc_client);
	read_user(&server, sizeof(server), desc + stream_desc_server);
	return client || server;
}

/* The handler may use its stream on other goroutines: they find the call by its context. */
static __always_inline struct grpc_server_operation *call_of(u64 stream, u64 goid)
{
	struct grpc_server_operation *operation = open_call(goid);
	struct go_iface context = {};
	u64 found;

	if (operation && operation->call.stream == read_word(stream + server_stream))
		return operation;
	read_user(&context, sizeof(context), stream + server_stream_context);
	found = find_context(context.tab, context.data);
	return found && !(found & APPLICATION_SPAN) ? open_call(found >> 1) : 0;
}

/* Of the stream that a message is sent on, or awaited. Up to 1.84 a call with one message each never gets there. */
static __always_inline struct grpc_server_operation *call_with_messages(u64 stream, u64 goid)
{
	struct grpc_server_operation *operation = call_of(stream, goid);

	if (operation && !begins_at_rpc)
		operation->call.is_counted = 1;
	return operation;
}

/* Whether all that the client sends has been read: the reader is an interface value, later a pointer, later itself. */
static __always_inline int is_read_out(u64 stream)
{
	u64 reader = stream_of(stream) + stream_reader;

	if (stream_reader == ABSENT || reader_error == ABSENT || stream_behind_reader == ABSENT)
		return 0;
	if (stream_behind_reader - stream_reader == sizeof(struct go_iface))
		reader = read_word(reader + GO_IFACE_DATA);
	else if (stream_behind_reader - stream_reader == sizeof(u64))
		reader = read_word(reader);
	return reader && read_word(reader + reader_error);
}

static __always_inline void await_message(struct grpc_server_operation *operation, u64 stream)
{
	u64 desc = server_stream_desc == ABSENT ? 0 : read_word(stream + server_stream_desc);
	u8 client_streams = 1;

	if (is_read_out(operation->call.stream))
		return;
	if (desc)
		read_user(&client_streams, sizeof(client_streams), desc + stream_desc_client);
	operation->receives_once = !client_streams;
	__sync_fetch_and_add(&operation->call.received, 1);
}

/* The last message that was awaited did not come where the reader has stopped at an end. */
static __always_inline void leave_end_out(struct grpc_server_operation *operation)
{
	struct grpc_server_call *call = &operation->call;

	if (call->received && !operation->receives_once && is_read_out(call->stream))
		call->received--;
}
