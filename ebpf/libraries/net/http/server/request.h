/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What the start of a request tells: the *net/http.Request, and its headers. */
#pragma once

#include "server.h"

#include "incoming.h"
#include "path_rules.h"

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
	int w3c;

	if (!operation || !settings)
		return;
	open = &operation->open;
	r = &operation->request;
	w3c = read_remote_parent(&r->span, &operation->headers, settings, r->texts.bytes);
	identify_span(&r->span);
	if (settings->path_rules)
		apply_path_rule(&r->span, goid, uri, uri_length);
	decide(&r->span);
	if (!is_looked_for())
		return;
	operation->is_kept = 1;
	context_of(&open->context, &r->span);
	if (w3c)
		hand_on(&open->tracestate, operation->headers.first_values[HEADER_tracestate], r->texts.bytes);
	if (settings->propagators & PROPAGATOR_baggage)
		hand_on(&open->baggage, operation->headers.first_values[HEADER_baggage], r->texts.bytes);
	/* An HTTP/1 connection's goroutine serves one request after the other, an HTTP/2 stream's just one. */
	if (r->writer_kind == WRITER_http1)
		note_fresh_goids(open, g);
	if (bpf_map_update_elem(&open_requests, &goid, open, BPF_ANY) ||
	    bpf_map_update_elem(&request_contexts, &open->request_context, &goid, BPF_ANY))
		count(COUNTER_parent_unknown);
}

#define STRING_AT(r, offset) (*(struct go_string *)((r)->texts.bytes + (offset)))
#define WORD_AT(r, offset) (*(u64 *)((r)->texts.bytes + (offset)))
