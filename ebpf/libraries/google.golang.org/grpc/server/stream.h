/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What the start of a call tells: transport.Stream, and the transport that it came over. */
#pragma once

#include "server.h"

#include "incoming.h"
#include "path_rules.h"

volatile const u16 stream_method = ABSENT;
volatile const u16 stream_context = ABSENT;
/* Up to grpc-go 1.68 a transport.Stream knows its transport itself, then transport.ServerStream does. */
volatile const u16 stream_transport = ABSENT;
volatile const u16 server_stream_transport = ABSENT;

/* transport.http2Server: its peer, and what it had instead up to grpc-go 1.58. */
volatile const u16 http2_peer = ABSENT;
volatile const u16 peer_address = ABSENT;
volatile const u16 peer_local_address = ABSENT;
volatile const u16 http2_remote_address = ABSENT;
volatile const u16 http2_local_address = ABSENT;
/* transport.serverHandlerTransport, for calls that come through ServeHTTP. */
volatile const u16 handler_request = ABSENT;
volatile const u16 request_remote_address = ABSENT;

volatile const u16 server_options = ABSENT;
volatile const u16 options_workers = ABSENT;

/* The transports' itabs for the interface that a stream knows its own by, with the load bias. */
volatile const u64 transport_http2 = 0;
volatile const u64 transport_handler = 0;

static __always_inline struct found_headers *found_headers(u64 goid)
{
	struct grpc_server_operation *operation = open_call(goid);

	return operation ? &operation->headers : 0;
}

static __always_inline struct path_search *path_search(u64 goid)
{
	struct grpc_server_operation *operation = open_call(goid);

	return operation ? (struct path_search *)operation->call.texts.bytes : 0;
}

/* Where the fields of transport.Stream are: in a transport.ServerStream it is embedded, up to 1.76 by a pointer. */
static __always_inline u64 stream_of(u64 stream)
{
	return server_stream_transport == sizeof(u64) ? read_word(stream) : stream;
}

static __always_inline struct go_iface transport_of(u64 stream)
{
	u16 offset = server_stream_transport == ABSENT ? stream_transport : server_stream_transport;
	struct go_iface transport = {};

	read_user(&transport, sizeof(transport), stream + offset);
	return transport;
}

static __always_inline void keep_header(struct grpc_server_call *call, struct text *text, u64 at, const u32 max)
{
	struct go_string value = read_string(at);

	keep_text(&call->texts, text, &value, max);
}

static __always_inline void keep_peers(struct grpc_server_call *call, const struct go_iface *transport)
{
	if (transport->tab == transport_http2) {
		if (http2_peer != ABSENT)
			keep_address(&call->texts, &call->peer, transport->data + http2_peer + peer_address);
		else if (http2_remote_address != ABSENT)
			keep_address(&call->texts, &call->peer, transport->data + http2_remote_address);
		if (http2_peer != ABSENT && peer_local_address != ABSENT)
			keep_address(&call->texts, &call->local, transport->data + http2_peer + peer_local_address);
		else if (http2_local_address != ABSENT)
			keep_address(&call->texts, &call->local, transport->data + http2_local_address);
	} else if (transport->tab == transport_handler && handler_request != ABSENT) {
		keep_header(call, &call->peer.name,
			    read_word(transport->data + handler_request) + request_remote_address, MAX_ADDRESS);
		call->peer.kind = ADDRESS_text;
	} else {
		count(COUNTER_foreign);
	}
}

/* A worker's goroutine serves one stream after the other, others just one. `server`: *grpc.Server, 0 where nothing starts. */
static __always_inline int has_workers(u64 server)
{
	u32 workers = 0;

	if (server && server_options != ABSENT && options_workers != ABSENT)
		read_user(&workers, sizeof(workers), server + server_options + options_workers);
	return workers != 0;
}

/*
 * Within net/http's server the parent is the span of the HTTP request, ours or the application's: the context that the
 * metadata is in descends from its context.
 */
static __always_inline void find_http_request(struct grpc_server_operation *operation)
{
	struct span_header *span = &operation->call.span;
	const struct go_iface *holder = &operation->incoming.holder;
	u64 found = holder->tab ? find_context(holder->tab, holder->data) : 0;
	const struct open_span *request;

	if (found & APPLICATION_SPAN) {
		is_child_of_application(span, found);
		return;
	}
	request = found ? request_of(found >> 1) : 0;
	if (!request)
		return;
	descend(span, request);
	operation->open.tracestate = request->tracestate;
	operation->open.baggage = request->baggage;
}

/*
 * The call's identity: its parent's trace, or a new one. Uses the texts' room before they are there. Not inlined: the
 * caller's stack is full.
 */
static __attribute__((noinline)) void identify_call(u64 goid, u64 is_http, u64 method, u64 length)
{
	struct grpc_server_operation *operation = open_call(goid);
	const struct settings *settings = current_settings();
	struct span_header *span;
	int w3c;

	if (!operation || !settings)
		return;
	span = &operation->call.span;
	if (is_http)
		find_http_request(operation);
	if (span->parent == PARENT_none) {
		const u64 *headers = operation->headers.first_values;
		u8 *room = operation->call.texts.bytes;

		w3c = read_remote_parent(span, &operation->headers, settings, room);
		if (w3c)
			hand_on(&operation->open.tracestate, headers[HEADER_tracestate], room);
		if (settings->propagators & PROPAGATOR_baggage)
			hand_on(&operation->open.baggage, headers[HEADER_baggage], room);
	}
	identify_span(span);
	/* The rule for net/http's request has decided already: its path is the same. */
	if (settings->path_rules && span->ruling == RULING_none)
		apply_path_rule(span, goid, method, length);
	decide(span);
}

/* The handler and all that it starts find the call by its goroutine and by its context. */
static __always_inline void make_findable(struct grpc_server_operation *operation, u64 goid, u64 context)
{
	struct open_span *open = &operation->open;

	open->request_context = context;
	context_of(&open->context, &operation->call.span);
	if (bpf_map_update_elem(&open_requests, &goid, open, BPF_ANY) ||
	    bpf_map_update_elem(&request_contexts, &context, &goid, BPF_ANY))
		count(COUNTER_parent_unknown);
}

static __always_inline void keep_call(struct grpc_server_operation *operation, const struct go_iface *transport,
				      const struct go_string *method)
{
	const u64 *headers = operation->headers.first_values;
	struct grpc_server_call *call = &operation->call;

	keep_text(&call->texts, &call->method, method, MAX_METHOD);
	keep_header(call, &call->authority, headers[HEADER_authority], MAX_AUTHORITY_TEXT);
	keep_header(call, &call->user_agent, headers[HEADER_user_agent], MAX_USER_AGENT);
	keep_peers(call, transport);
	/* Last, as it may be long; room stays for what the end has to say. */
	if (call->span.parent == PARENT_remote && call->texts.length <= TEXT_BYTES - MAX_TRACESTATE - MAX_STATUS_MESSAGE)
		keep_header(call, &call->tracestate, headers[HEADER_tracestate], MAX_TRACESTATE);
}

/* A call of this stream begins, with this context. */
static __attribute__((noinline)) void begin(struct pt_regs *ctx, u64 stream, const struct go_iface *context,
					    u64 server)
{
	u64 goid = current_goid(ctx);
	struct grpc_server_operation *operation = goid ? new_call(goid) : 0;
	u64 base = stream_of(stream);
	struct go_iface transport;
	struct go_string method;

	if (!goid) {
		count(COUNTER_started);
		count(COUNTER_unreadable);
	}
	if (!operation)
		return;
	operation->call.span.start_ns = bpf_ktime_get_ns();
	operation->call.span.record.library = library_id;
	operation->call.stream = stream;
	find_metadata(&operation->incoming, *context);
	if (operation->incoming.traced_by_application) {
		operation->left_to_application = 1;
		return;
	}
	find_headers(operation->incoming.metadata, goid, PURPOSE_own_headers);
	transport = transport_of(stream);
	method = read_string(base + stream_method);
	identify_call(goid, transport.tab == transport_handler, method.data, method.length);
	if (has_workers(server))
		note_fresh_goids(&operation->open, GO_G(ctx));
	make_findable(operation, goid, context->data);
	if (operation->call.span.is_wanted)
		keep_call(operation, &transport, &method);
}
