/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What the start of a request tells: the *net/http.Request, and its headers. */
#pragma once

#include "b3.h"
#include "path_rules.h"
#include "server.h"

volatile const u16 request_method = ABSENT;
volatile const u16 request_proto_major = ABSENT;
volatile const u16 request_proto_minor = ABSENT;
volatile const u16 request_header = ABSENT;
volatile const u16 request_content_length = ABSENT;
volatile const u16 request_host = ABSENT;
volatile const u16 request_remote_addr = ABSENT;
volatile const u16 request_uri = ABSENT;
volatile const u16 request_tls = ABSENT;
volatile const u16 request_context = ABSENT;

/* Enough of a Request for all fields that are read at its start. */
#define REQUEST_BYTES 272

static __always_inline struct found_headers *found_headers(u64 goid)
{
	struct http_server_operation *operation = open_request(goid);

	return operation ? &operation->headers : 0;
}

static __always_inline struct path_search *path_search(u64 goid)
{
	struct http_server_operation *operation = open_request(goid);

	return operation ? (struct path_search *)operation->request.texts.bytes : 0;
}

/* A Request's fields, read in one go or, where it crosses into a page not yet touched, each by itself. */
static __always_inline void read_request(struct http_server_request *r, u64 request)
{
	u8 *into = r->texts.bytes;

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
	read_user(into + request_context, sizeof(struct go_iface), request + request_context);
}

static __always_inline void keep_header(struct http_server_request *r, struct text *text, u64 at, const u32 max)
{
	struct go_string value = read_string(at);

	keep_text(&r->texts, text, &value, max);
}

/* HTTP/1's method and target are parts of one string, the request line: one read for both. */
static __always_inline void keep_request_line(struct http_server_request *r, const struct go_string *method,
					      const struct go_string *uri)
{
	struct go_string line = {.data = method->data, .length = method->length + 1 + uri->length};
	struct text kept = {};

	if (uri->data != method->data + method->length + 1 || method->length > MAX_METHOD ||
	    line.length > MAX_LINE) {
		keep_text(&r->texts, &r->method, method, MAX_METHOD);
		keep_text(&r->texts, &r->uri, uri, MAX_URI);
		return;
	}
	keep_text(&r->texts, &kept, &line, MAX_LINE);
	if (!kept.length)
		return;
	r->method.at = kept.at;
	r->method.length = method->length;
	r->uri.at = kept.at + method->length + 1;
	r->uri.length = uri->length;
}

/* Up to `room` bytes of a header's value, which replace what is at `into`; its whole length. 0: not there. */
static __always_inline u64 read_value(u8 *into, const u32 room, u64 at)
{
	struct go_string value = read_string(at);
	u64 length = value.length > room ? room : value.length;

	barrier_var(length);
	if (!length || length > room || read_user(into, length, value.data))
		return 0;
	return value.length;
}

static __always_inline void read_b3(struct http_server_operation *operation)
{
	const struct found_headers *headers = &operation->headers;
	struct span_header *span = &operation->request.span;
	u8 *text = operation->request.texts.bytes;
	u64 trace_id[2] = {}, parent_id = 0, length;

	if ((length = read_value(text, B3_LENGTH, headers->first_values[HEADER_b3]))) {
		parse_b3(text, length, span);
		return;
	}
	length = read_value(text, B3_TRACE_ID, headers->first_values[HEADER_b3_trace_id]);
	if (!b3_trace_id(text, length, (u8 *)trace_id) ||
	    read_value(text, B3_SPAN_ID, headers->first_values[HEADER_b3_span_id]) != B3_SPAN_ID ||
	    !b3_span_id(text, (u8 *)&parent_id))
		return;
	text[0] = 0;
	read_value(text, 1, headers->first_values[HEADER_b3_sampled]);
	take_b3(span, (u8 *)trace_id, (u8 *)&parent_id, b3_flags(text[0]));
}

/* Remembers a header's value for the requests that this one makes. Takes the texts' room. */
static __attribute__((noinline)) void hand_on(struct http_server_operation *operation, struct handed_on *value, u64 at)
{
	u8 *text = operation->request.texts.bytes;
	u64 length;

	if (!at)
		return;
	value->text = read_string(at);
	length = value->text.length;
	/* As in keep_text. */
	barrier_var(length);
	if (length > MAX_HANDED_ON || read_user(text, length, value->text.data))
		return;
	sum_text(&value->sum, text, 0, length, TEXT_BYTES);
}

/*
 * The request's identity: the remote parent's trace, or a new one. The handler and all that it starts find it by its
 * goroutine and by its context. Uses the texts' room before they are there. Not inlined: the caller's stack is full.
 */
static __attribute__((noinline)) void open_request_span(u64 goid, u64 g, u64 uri, u64 uri_length)
{
	struct http_server_operation *operation = open_request(goid);
	const struct settings *settings = current_settings();
	struct http_server_request *r;
	struct open_span *open;
	u64 length;
	int w3c;

	if (!operation || !settings)
		return;
	open = &operation->open;
	r = &operation->request;
	if (settings->propagators & PROPAGATOR_tracecontext &&
	    (length = read_value(r->texts.bytes, TRACEPARENT_LENGTH + 1,
				 operation->headers.first_values[HEADER_traceparent])))
		parse_traceparent(r->texts.bytes, length, &r->span);
	w3c = r->span.parent != PARENT_none;
	if (!w3c && settings->propagators & (PROPAGATOR_b3 | PROPAGATOR_b3multi))
		read_b3(operation);
	identify_span(&r->span);
	if (settings->path_rules)
		apply_path_rule(&r->span, goid, uri, uri_length);
	decide(&r->span);
	if (!is_looked_for())
		return;
	operation->is_kept = 1;
	context_of(&open->context, &r->span);
	if (w3c)
		hand_on(operation, &open->tracestate, operation->headers.first_values[HEADER_tracestate]);
	if (settings->propagators & PROPAGATOR_baggage)
		hand_on(operation, &open->baggage, operation->headers.first_values[HEADER_baggage]);
	/* An HTTP/1 connection's goroutine serves one request after the other, an HTTP/2 stream's just one. */
	if (r->writer_kind == WRITER_http1)
		note_fresh_goids(open, g);
	if (bpf_map_update_elem(&open_requests, &goid, open, BPF_ANY) ||
	    bpf_map_update_elem(&request_contexts, &open->request_context, &goid, BPF_ANY))
		count(COUNTER_parent_unknown);
}

#define STRING_AT(r, offset) (*(struct go_string *)((r)->texts.bytes + (offset)))
#define WORD_AT(r, offset) (*(u64 *)((r)->texts.bytes + (offset)))
