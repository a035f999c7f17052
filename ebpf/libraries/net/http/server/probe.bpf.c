// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* net/http's server: one hit where a request's handler is called, one where it has returned. */

#include "events.h"
#include "preemption.h"
#include "request.h"
#include "response.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

/* http.ResponseWriter's itabs, with the load bias; 0 where the binary has none. */
volatile const u64 writer_http1 = 0;
volatile const u64 writer_http2 = 0;
volatile const u64 writer_http2_wrapped = 0;
volatile const u64 writer_x_http2 = 0;

static __always_inline void capture(struct http_server_request *r, u64 header, u64 goid, enum header_set set)
{
	if (r->span.trace_flags)
		r->span.captured += capture_headers(header, goid, set, *(u64 *)r->span.span_id);
}

static __always_inline void request_started(struct pt_regs *ctx, enum writer_kind kind, u64 writer, u64 request)
{
	const u64 *headers;
	struct go_string method, uri, host, remote;
	struct http_server_operation *operation;
	struct http_server_request *r;
	u64 goid = current_goid(ctx);
	u64 header;

	if (!goid) {
		count(COUNTER_started);
		count(COUNTER_unreadable);
		return;
	}
	operation = new_request(goid, request);
	if (!operation)
		return;
	r = &operation->request;
	r->span.start_ns = bpf_ktime_get_ns();
	r->span.record.library = library_id;
	r->writer = writer;
	r->writer_kind = kind;
	r->request = request;
	read_request(r, request);
	r->protocol_major = WORD_AT(r, request_proto_major);
	r->protocol_minor = WORD_AT(r, request_proto_minor);
	if (kind == WRITER_http1 && r->protocol_major == 2) {
		/* "PRI * HTTP/2.0", which h2c.NewHandler takes over: a connection, not a request. */
		bpf_map_delete_elem(&http_server_operations, &goid);
		return;
	}
	count(COUNTER_started);
	r->request_body_size = WORD_AT(r, request_content_length);
	r->tls = WORD_AT(r, request_tls) != 0;
	header = WORD_AT(r, request_header);
	method = STRING_AT(r, request_method);
	uri = STRING_AT(r, request_uri);
	r->uri_data = uri.data;
	host = STRING_AT(r, request_host);
	remote = STRING_AT(r, request_remote_addr);

	find_headers(header, goid, PURPOSE_own_headers);
	headers = operation->headers.first_values;
	/* Texts will take the room of what was read of the Request. */
	operation->open.request_context = WORD_AT(r, request_context + GO_IFACE_DATA);
	open_request_span(goid, GO_G(ctx), uri.data, uri.length);
	if (!r->span.is_wanted)
		return;
	keep_request_line(r, &method, &uri);
	keep_text(&r->texts, &r->remote, &remote, MAX_REMOTE);
	keep_text(&r->texts, &r->host, &host, MAX_HOST);
	keep_header(r, &r->user_agent, headers[HEADER_user_agent], MAX_USER_AGENT);
	keep_header(r, &r->forwarded_for, headers[HEADER_forwarded_for], MAX_FORWARDED);
	keep_header(r, &r->forwarded, headers[HEADER_forwarded], MAX_FORWARDED);
	/* Last, as it may be long; room stays for what the end has to say. */
	if (r->span.parent == PARENT_remote && r->texts.length <= TEXT_BYTES - MAX_TRACESTATE - MAX_ROUTE)
		keep_header(r, &r->tracestate, headers[HEADER_tracestate], MAX_TRACESTATE);
	/* Now, as the handler may change them. */
	capture(r, header, goid, CAPTURED_server_request);
}

/* serverHandler.ServeHTTP(handler, writer, *Request): every request of HTTP/1 and of the bundled HTTP/2. */
static __always_inline void handler_called(struct pt_regs *ctx)
{
	u64 itab = GO_ARG1(ctx);
	enum writer_kind kind;

	if (STACK_CHECK_FAILS(ctx))
		return;
	if (itab == writer_http1)
		kind = WRITER_http1;
	else if (itab == writer_http2 || itab == writer_http2_wrapped)
		kind = WRITER_http2;
	else if (itab == writer_x_http2)
		kind = WRITER_x_http2;
	else {
		/* Where its handler returns is not known: its entry would stay. */
		count(COUNTER_foreign);
		return;
	}
	request_started(ctx, kind, GO_ARG2(ctx), GO_ARG3(ctx));
}

/* (*http2.serverConn).runHandler(conn, writer, *Request, handler) of x/net, for h2c.NewHandler, which calls the
 * application's handler itself. */
static __always_inline void x_handler_called(struct pt_regs *ctx)
{
	if (STACK_CHECK_FAILS(ctx))
		return;
	if (writer_x_http2)
		request_started(ctx, WRITER_x_http2, GO_ARG1(ctx), GO_ARG2(ctx));
	else
		/* The plan has left these requests out: where their response says its status is not known. */
		count(COUNTER_foreign);
}

static __always_inline u8 is_hijacked(u64 conn)
{
	u8 hijacked = 0;

	if (conn && conn_hijacked != ABSENT)
		read_user(&hijacked, sizeof(hijacked), conn + conn_hijacked);
	return hijacked;
}

/* Whether the program has made a span of this request itself, with OpenTelemetry's SDK. */
static __always_inline int is_left_to_application(u64 goid)
{
	const struct open_span *open = application_spans ? bpf_map_lookup_elem(&open_requests, &goid) : 0;

	return open && open->left_to_application;
}

/* The record goes to the agent and the entry away. `conn` and `panic` are 0 where they don't matter. */
static __always_inline void finish(struct http_server_operation *operation, u64 goid, u64 conn, u64 panic)
{
	struct http_server_request *r = &operation->request;

	if (is_left_to_application(goid)) {
		count(COUNTER_traced_by_application);
		forget_route(goid);
	} else if (r->span.is_wanted) {
		r->span.end_ns = bpf_ktime_get_ns();
		read_response(r);
		/* Who takes the connection over writes no status of ours. */
		if (!r->status && is_hijacked(conn))
			r->ending = ENDING_hijacked;
		if (panic)
			read_panic(r, panic);
		read_route(r, goid);
		if (is_any_wanted(CAPTURED_server_response))
			capture(r, sent_headers(r), goid, CAPTURED_server_response);
		submit(r, RECORD_SIZE(r));
	} else {
		count_unsampled(&r->span);
	}
	forget_request(operation, goid);
}

/* The call of (*conn).hijacked, which follows the handler's return in (*conn).serve. */
static __always_inline void handler_returned(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	struct http_server_operation *operation = open_request(goid);

	if (operation)
		finish(operation, goid, GO_ARG0(ctx), 0);
	else if (!is_hijacked(GO_ARG0(ctx)))
		/* A connection that h2c.NewHandler took over for HTTP/2 was no request: request_started(). */
		count(COUNTER_end_without_start);
}

/* The deferred function of (*conn).serve: once a connection, or when a handler panics. */
static __always_inline void connection_ended(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	struct http_server_operation *operation = open_request(goid);

	if (operation && !STACK_CHECK_FAILS(ctx))
		finish(operation, goid, 0, read_word(GO_G(ctx) + g_panic));
}

/* The deferred function of HTTP/2's runHandler: whether the handler returned or not. */
static __always_inline void stream_ended(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	struct http_server_operation *operation;

	if (STACK_CHECK_FAILS(ctx))
		return;
	operation = open_request(goid);
	if (operation)
		finish(operation, goid, 0, read_word(GO_G(ctx) + g_panic));
	else
		count(COUNTER_end_without_start);
}

GO_PROBE(http_server_handler_called, handler_called)
GO_PROBE(http_server_x_handler_called, x_handler_called)
GO_PROBE(http_server_handler_returned, handler_returned)
GO_PROBE(http_server_connection_ended, connection_ended)
GO_PROBE(http_server_stream_ended, stream_ended)
