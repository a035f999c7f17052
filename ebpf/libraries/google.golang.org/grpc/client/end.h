/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The end of a call: its record, from what was kept of it, its connection, its stream and the error. */
#pragma once

#include "application.h"
#include "events.h"
#include "../status.h"

volatile const u16 connection_target = ABSENT;
volatile const u16 connection_authority = ABSENT;
volatile const u16 stream_retries = ABSENT;
volatile const u16 attempt_transport = ABSENT;
volatile const u16 transport_remote_address = ABSENT;

/* A text that was copied before. */
static __always_inline void keep_method(struct grpc_client_call *r, const struct grpc_call *call)
{
	u32 length = call->method_length;

	barrier_var(length);
	if (!length || length > MAX_METHOD || bpf_probe_read_kernel(r->texts.bytes, length, call->method))
		return;
	r->method.length = length;
	r->texts.length = length;
}

static __always_inline void keep_connection(struct grpc_client_call *r, u64 connection)
{
	struct go_string text = read_string(connection + connection_target);

	keep_text(&r->texts, &r->target, &text, MAX_TARGET);
	text = read_string(connection + connection_authority);
	keep_text(&r->texts, &r->authority, &text, MAX_TARGET);
}

/* The transport, an interface value, is always a *transport.http2Client; an attempt that got none has nil. */
static __always_inline void keep_stream(struct grpc_client_call *r, u64 stream)
{
	u64 attempt = read_word(stream + stream_attempt);
	u64 transport;

	r->retries = read_word(stream + stream_retries);
	if (!attempt || attempt_transport == ABSENT || transport_remote_address == ABSENT)
		return;
	transport = read_word(attempt + attempt_transport + GO_IFACE_DATA);
	if (transport)
		keep_address(&r->texts, &r->peer, transport + transport_remote_address);
}

static __always_inline void keep_status(struct grpc_client_call *r, const struct grpc_status *status)
{
	r->code = status->code;
	r->error_type = status->error_type;
	keep_text(&r->texts, &r->message, &status->message, MAX_STATUS_MESSAGE);
}

static __always_inline void keep_messages(struct grpc_client_call *r, const struct grpc_call *call, u64 received)
{
	r->is_counted = 1;
	r->sent = call->sent;
	r->received = received;
}

#define EEXIST 17

/*
 * A record of this key, empty; 0 without room for one, which is counted, and when there is one already: a stream may be
 * finished by two goroutines at the same moment, and one of them tells of it.
 */
static __always_inline struct grpc_client_call *claim_record(u64 key)
{
	long failed = bpf_map_update_elem(&grpc_client_records, &key, &no_record, BPF_NOEXIST);

	if (failed && failed != -EEXIST)
		count(COUNTER_in_flight_full);
	return failed ? 0 : bpf_map_lookup_elem(&grpc_client_records, &key);
}

/* `stream` is 0 for a call that never had one; `status` is 0 when nothing told how it ended. */
static __always_inline void tell_end(struct grpc_client_call *r, const struct grpc_call *call, u64 stream,
				     const struct grpc_status *status)
{
	if (!call->span.is_wanted) {
		count_unsampled(&call->span);
		return;
	}
	if (stream && stream_is_in_own_span(stream)) {
		count(COUNTER_traced_by_application);
		return;
	}
	r->span = call->span;
	r->span.end_ns = bpf_ktime_get_ns();
	r->is_stream = call->is_stream;
	keep_method(r, call);
	keep_connection(r, call->connection);
	if (status)
		keep_status(r, status);
	else
		r->outcome_unseen = 1;
	if (stream)
		keep_stream(r, stream);
	submit(r, RECORD_SIZE(r));
}
