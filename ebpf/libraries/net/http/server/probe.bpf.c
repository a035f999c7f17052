// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* net/http's server: one hit where a request's handler is called, one where it has returned. */

#include "events.h"
#include "go_header.h"
#include "preemption.h"
#include "sampling.h"
#include "server.h"
#include "traceparent.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

/* http.ResponseWriter's itabs, with the load bias; 0 where the binary has none. */
volatile const u64 writer_http1 = 0;
volatile const u64 writer_http2 = 0;
volatile const u64 writer_http2_wrapped = 0;
volatile const u64 writer_x_http2 = 0;

volatile const u16 request_method = ABSENT;
volatile const u16 request_proto_major = ABSENT;
volatile const u16 request_proto_minor = ABSENT;
volatile const u16 request_header = ABSENT;
volatile const u16 request_content_length = ABSENT;
volatile const u16 request_host = ABSENT;
volatile const u16 request_remote_addr = ABSENT;
volatile const u16 request_uri = ABSENT;
volatile const u16 request_tls = ABSENT;
/* Request.Pattern (Go 1.23+), else Request.pat and pattern.str (1.22); before there are no patterns. */
volatile const u16 request_pattern = ABSENT;
volatile const u16 request_pat = ABSENT;
volatile const u16 pattern_text = ABSENT;

volatile const u16 response_written = ABSENT;
volatile const u16 response_status = ABSENT;
volatile const u16 conn_hijacked = ABSENT;

volatile const u16 http2_writer_state = ABSENT;
volatile const u16 http2_status = ABSENT;
volatile const u16 http2_written = ABSENT;
volatile const u16 x_http2_writer_state = ABSENT;
volatile const u16 x_http2_status = ABSENT;
volatile const u16 x_http2_written = ABSENT;

/*
 * Keyed by goroutine: a handler returns on the one that it was called on. A plain hash, so that a full table
 * is seen and counted; an LRU one would drop entries silently. The agent sets its size.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 12288);
	__type(key, u64);
	__type(value, struct http_server_request);
} http_server_requests SEC(".maps");

/* What a new entry is copied from: the stack has no room for it. */
static const struct http_server_request no_request;

#define EEXIST 17

/* Enough of a Request for all fields that are read at its start. */
#define REQUEST_BYTES 256

/* The finds share the texts' room, behind the Request's fields. */
static __always_inline struct found_headers *found_headers(u64 goid)
{
	struct http_server_request *r = bpf_map_lookup_elem(&http_server_requests, &goid);

	return r ? (struct found_headers *)(r->texts + REQUEST_BYTES) : 0;
}

/* A Request's fields, read in one go or, where it crosses into a page not yet touched, each by itself. */
static __always_inline void read_request(struct http_server_request *r, u64 request)
{
	u8 *into = r->texts;

	if (!bpf_probe_read_user(into, REQUEST_BYTES, (const void *)request))
		return;
	read_user(into + request_method, sizeof(struct go_string), request + request_method);
	read_user(into + request_proto_major, sizeof(u64), request + request_proto_major);
	read_user(into + request_proto_minor, sizeof(u64), request + request_proto_minor);
	read_user(into + request_header, sizeof(u64), request + request_header);
	read_user(into + request_content_length, sizeof(u64), request + request_content_length);
	read_user(into + request_host, sizeof(struct go_string), request + request_host);
	read_user(into + request_remote_addr, sizeof(struct go_string), request + request_remote_addr);
	read_user(into + request_uri, sizeof(struct go_string), request + request_uri);
	read_user(into + request_tls, sizeof(u64), request + request_tls);
}

/* Appends a text of at most `max` bytes, a constant. */
static __always_inline void keep_text(struct http_server_request *r, struct text *text,
				      const struct go_string *string, const u32 max)
{
	u32 at = r->texts_length;
	u64 length = string->length;

	if (!length)
		return;
	if (length > max) {
		length = max;
		count(COUNTER_text_truncated);
	}
	if (at > TEXTS - max) {
		count(COUNTER_text_truncated);
		return;
	}
	barrier_var(length);
	if (length > max)
		return;
	if (read_user(r->texts + at, length, string->data))
		return;
	text->at = at;
	text->length = length;
	r->texts_length = at + length;
}

static __always_inline struct go_string read_string(u64 at)
{
	struct go_string string = {};

	if (at)
		read_user(&string, sizeof(string), at);
	return string;
}

static __always_inline void keep_header(struct http_server_request *r, struct text *text, u64 at, const u32 max)
{
	struct go_string value = read_string(at);

	keep_text(r, text, &value, max);
}

/* HTTP/1's method and target are parts of one string, the request line: one read for both. */
static __always_inline void keep_request_line(struct http_server_request *r, const struct go_string *method,
					      const struct go_string *uri)
{
	struct go_string line = {.data = method->data, .length = method->length + 1 + uri->length};
	struct text kept = {};

	if (uri->data != method->data + method->length + 1 || method->length > MAX_METHOD ||
	    line.length > MAX_LINE) {
		keep_text(r, &r->method, method, MAX_METHOD);
		keep_text(r, &r->uri, uri, MAX_URI);
		return;
	}
	keep_text(r, &kept, &line, MAX_LINE);
	if (!kept.length)
		return;
	r->method.at = kept.at;
	r->method.length = method->length;
	r->uri.at = kept.at + method->length + 1;
	r->uri.length = uri->length;
}

/* The span's identity: the remote parent's trace, or a new one. Uses the texts' room before they are there. */
static __always_inline void identify(struct http_server_request *r, u64 traceparent)
{
	struct go_string value = read_string(traceparent);

	if (value.length == TRACEPARENT_LENGTH && !read_user(r->texts, TRACEPARENT_LENGTH, value.data))
		parse_traceparent(r->texts, value.length, &r->span);
	else if (value.length > TRACEPARENT_LENGTH && !read_user(r->texts, TRACEPARENT_LENGTH + 1, value.data))
		parse_traceparent(r->texts, value.length, &r->span);
	if (r->span.parent == PARENT_none)
		new_trace_id(&r->span);
	new_span_id(&r->span);
	r->span.trace_flags = is_sampled(&r->span) ? FLAG_SAMPLED : 0;
}

/*
 * A fresh entry; 0 without room for one. Where x/net's HTTP/2 calls net/http's handler, both starts see the same
 * request: the first one's entry stays.
 */
static __always_inline struct http_server_request *new_entry(u64 goid, u64 request)
{
	long error = bpf_map_update_elem(&http_server_requests, &goid, &no_request, BPF_NOEXIST);

	if (error == -EEXIST) {
		struct http_server_request *open = bpf_map_lookup_elem(&http_server_requests, &goid);

		if (open && open->request == request)
			return 0;
		count(COUNTER_superseded);
		error = bpf_map_update_elem(&http_server_requests, &goid, &no_request, BPF_ANY);
	}
	if (error) {
		count(COUNTER_started);
		count(COUNTER_in_flight_full);
		return 0;
	}
	return bpf_map_lookup_elem(&http_server_requests, &goid);
}

#define STRING_AT(r, offset) (*(struct go_string *)((r)->texts + (offset)))
#define WORD_AT(r, offset) (*(u64 *)((r)->texts + (offset)))

static __always_inline void request_started(struct pt_regs *ctx, enum writer_kind kind, u64 writer, u64 request)
{
	struct found_headers headers;
	struct go_string method, uri, host, remote;
	struct http_server_request *r;
	u64 goid = current_goid(ctx);
	u64 header;

	if (!goid) {
		count(COUNTER_started);
		count(COUNTER_unreadable);
		return;
	}
	r = new_entry(goid, request);
	if (!r)
		return;
	r->span.start_ns = bpf_ktime_get_ns();
	r->span.library = library_id;
	r->writer = writer;
	r->writer_kind = kind;
	r->request = request;
	read_request(r, request);
	r->protocol_major = WORD_AT(r, request_proto_major);
	r->protocol_minor = WORD_AT(r, request_proto_minor);
	if (kind == WRITER_http1 && r->protocol_major == 2) {
		/* "PRI * HTTP/2.0", which h2c.NewHandler takes over: a connection, not a request. */
		bpf_map_delete_elem(&http_server_requests, &goid);
		return;
	}
	count(COUNTER_started);
	r->request_body_size = WORD_AT(r, request_content_length);
	r->tls = WORD_AT(r, request_tls) != 0;
	header = WORD_AT(r, request_header);
	method = STRING_AT(r, request_method);
	uri = STRING_AT(r, request_uri);
	host = STRING_AT(r, request_host);
	remote = STRING_AT(r, request_remote_addr);

	find_headers(header, goid);
	headers = *(struct found_headers *)(r->texts + REQUEST_BYTES);
	identify(r, headers.first_values[HEADER_traceparent]);
	if (!r->span.trace_flags)
		return;
	keep_request_line(r, &method, &uri);
	keep_text(r, &r->remote, &remote, MAX_REMOTE);
	keep_text(r, &r->host, &host, MAX_HOST);
	keep_header(r, &r->user_agent, headers.first_values[HEADER_user_agent], MAX_USER_AGENT);
	keep_header(r, &r->forwarded_for, headers.first_values[HEADER_forwarded_for], MAX_FORWARDED);
	keep_header(r, &r->forwarded, headers.first_values[HEADER_forwarded], MAX_FORWARDED);
	/* Last, as it may be long; room stays for what the end has to say. */
	if (r->span.parent == PARENT_remote && r->texts_length <= TEXTS - MAX_TRACESTATE - MAX_ROUTE)
		keep_header(r, &r->tracestate, headers.first_values[HEADER_tracestate], MAX_TRACESTATE);
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
	if (!STACK_CHECK_FAILS(ctx))
		request_started(ctx, WRITER_x_http2, GO_ARG1(ctx), GO_ARG2(ctx));
}

/* The ServeMux pattern that matched. */
static __always_inline void read_route(struct http_server_request *r)
{
	struct go_string pattern = {};
	u64 at = 0;

	if (request_pattern != ABSENT)
		at = r->request + request_pattern;
	else if (request_pat != ABSENT && pattern_text != ABSENT && (at = read_word(r->request + request_pat)))
		at += pattern_text;
	/* A Request's last fields may lie on a page that was never touched: no pattern, then. */
	if (at && !bpf_probe_read_user(&pattern, sizeof(pattern), (const void *)at))
		keep_text(r, &r->route, &pattern, MAX_ROUTE);
}

/* Status and size of the response, two words that lie near each other at `state`. */
static __always_inline void read_outcome(struct http_server_request *r, u64 state, u32 status, u32 written)
{
	u64 words[4];
	u32 first = status < written ? status : written;

	if (status < first + sizeof(words) && written < first + sizeof(words) && !(status % 8) && !(written % 8) &&
	    !bpf_probe_read_user(words, sizeof(words), (const void *)(state + first))) {
		r->status = words[(status - first) / 8];
		r->response_body_size = words[(written - first) / 8];
		return;
	}
	r->status = read_word(state + status);
	r->response_body_size = read_word(state + written);
}

static __always_inline void read_response(struct http_server_request *r)
{
	u64 state;

	switch (r->writer_kind) {
	case WRITER_http1:
		read_outcome(r, r->writer, response_status, response_written);
		break;
	case WRITER_http2:
		if ((state = read_word(r->writer + http2_writer_state)))
			read_outcome(r, state, http2_status, http2_written);
		break;
	case WRITER_x_http2:
		if ((state = read_word(r->writer + x_http2_writer_state)))
			read_outcome(r, state, x_http2_status, x_http2_written);
		break;
	}
}

/* A string, or an error whose only word is one: its first 16 bytes are the message. The agent knows the type. */
static __always_inline void read_panic(struct http_server_request *r, u64 panic)
{
	struct go_string message = {};
	struct go_iface value = {};
	u8 goexit = 0;

	read_user(&goexit, sizeof(goexit), panic + panic_goexit);
	r->ending = goexit ? ENDING_goexit : ENDING_panicked;
	if (goexit || read_user(&value, sizeof(value), panic + panic_arg))
		return;
	r->panic_type = value.tab;
	/* Other types may be shorter, or no pointers: a failed read is no loss. */
	if (!bpf_probe_read_user(&message, sizeof(message), (const void *)value.data) &&
	    message.length <= MAX_URI && r->texts_length <= TEXTS - MAX_PANIC - MAX_ROUTE) {
		u32 at = r->texts_length;
		u64 length = message.length > MAX_PANIC ? MAX_PANIC : message.length;

		barrier_var(length);
		if (length > MAX_PANIC || at > TEXTS - MAX_PANIC ||
		    bpf_probe_read_user(r->texts + at, length, (const void *)message.data))
			return;
		r->panic_message.at = at;
		r->panic_message.length = length;
		r->texts_length = at + length;
	}
}

static __always_inline struct http_server_request *open_request(u64 goid)
{
	return bpf_map_lookup_elem(&http_server_requests, &goid);
}

/* The record goes to the agent and the entry away. `conn` and `panic` are 0 where they don't matter. */
static __always_inline void finish(struct http_server_request *r, u64 goid, u64 conn, u64 panic)
{
	if (r->span.trace_flags) {
		u8 hijacked = 0;
		u32 size;

		r->span.end_ns = bpf_ktime_get_ns();
		read_response(r);
		/* Who takes the connection over writes no status of ours. */
		if (conn && !r->status && conn_hijacked != ABSENT)
			read_user(&hijacked, sizeof(hijacked), conn + conn_hijacked);
		if (hijacked)
			r->ending = ENDING_hijacked;
		if (panic)
			read_panic(r, panic);
		read_route(r);
		size = r->texts_length;
		if (size <= TEXTS)
			submit(r, __builtin_offsetof(struct http_server_request, texts) + size);
	} else {
		count(COUNTER_unsampled);
	}
	bpf_map_delete_elem(&http_server_requests, &goid);
}

/* The call of (*conn).hijacked, which follows the handler's return in (*conn).serve. */
static __always_inline void handler_returned(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	struct http_server_request *r = open_request(goid);

	if (r)
		finish(r, goid, GO_ARG0(ctx), 0);
	else
		count(COUNTER_end_without_start);
}

/* The deferred function of (*conn).serve: once a connection, or when a handler panics. */
static __always_inline void connection_ended(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	struct http_server_request *r = open_request(goid);

	if (r && !STACK_CHECK_FAILS(ctx))
		finish(r, goid, 0, read_word(GO_G(ctx) + g_panic));
}

/* The deferred function of HTTP/2's runHandler: whether the handler returned or not. */
static __always_inline void stream_ended(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	struct http_server_request *r;

	if (STACK_CHECK_FAILS(ctx))
		return;
	r = open_request(goid);
	if (r)
		finish(r, goid, 0, read_word(GO_G(ctx) + g_panic));
	else
		count(COUNTER_end_without_start);
}

GO_PROBE(http_server_handler_called, handler_called)
GO_PROBE(http_server_x_handler_called, x_handler_called)
GO_PROBE(http_server_handler_returned, handler_returned)
GO_PROBE(http_server_connection_ended, connection_ended)
GO_PROBE(http_server_stream_ended, stream_ended)
