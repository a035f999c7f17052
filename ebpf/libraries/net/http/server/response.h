/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What the end of a request tells: its status, size and route, and a panic. */
#pragma once

#include "server.h"

/* Request.Pattern (Go 1.23+), else Request.pat and pattern.str (1.22); before there are no patterns. */
volatile const u16 request_pattern = ABSENT;
volatile const u16 request_pat = ABSENT;
volatile const u16 pattern_text = ABSENT;

volatile const u16 response_written = ABSENT;
volatile const u16 response_status = ABSENT;
volatile const u16 conn_hijacked = ABSENT;

/* What the handler says, and its copy from when the response began: what is sent. The latter in a chunkWriter. */
volatile const u16 response_handler_header = ABSENT;
volatile const u16 response_chunk_writer = ABSENT;
volatile const u16 chunk_writer_header = ABSENT;

volatile const u16 http2_writer_state = ABSENT;
volatile const u16 http2_status = ABSENT;
volatile const u16 http2_written = ABSENT;
volatile const u16 http2_handler_header = ABSENT;
volatile const u16 http2_sent_header = ABSENT;
volatile const u16 x_http2_writer_state = ABSENT;
volatile const u16 x_http2_status = ABSENT;
volatile const u16 x_http2_written = ABSENT;
volatile const u16 x_http2_handler_header = ABSENT;
volatile const u16 x_http2_sent_header = ABSENT;

/* From Request.RequestURI to the word that tells of the pattern: 40 bytes since Go 1.23, 56 in 1.22. */
#define REQUEST_TAIL 80

/*
 * Where the ServeMux pattern's text is described, 0 when there is none. A Request may be garbage while its handler
 * runs on without it (HTTP/2 of Go 1.27), and its memory another's: then its target is no longer what it was.
 */
static __always_inline struct go_string read_pattern(struct http_server_request *r)
{
	u32 wanted = request_pattern != ABSENT ? request_pattern : request_pat;
	u64 words[REQUEST_TAIL / sizeof(u64)] = {};
	struct go_string pattern = {};
	u32 at = wanted - request_uri;

	if (wanted == ABSENT || wanted < request_uri || at % sizeof(u64) || at > REQUEST_TAIL - sizeof(pattern))
		return pattern;
	/* A Request's last fields may lie on a page that was never touched: no pattern, then. */
	if (bpf_probe_read_user(words, at + sizeof(pattern), (const void *)(r->request + request_uri)) ||
	    words[0] != r->uri_data)
		return pattern;
	if (request_pattern != ABSENT) {
		pattern.data = words[at / sizeof(u64)];
		pattern.length = words[at / sizeof(u64) + 1];
		return pattern;
	}
	if (pattern_text == ABSENT || !words[at / sizeof(u64)])
		return pattern;
	return read_string(words[at / sizeof(u64)] + pattern_text);
}

/* Copies `max` bytes, a constant, of which the pattern takes its own: 0 without room for them. */
static __always_inline int copy_route(struct http_server_request *r, const struct http_route *route, const u32 max)
{
	u32 at = r->texts.length;
	u16 length = route->length;

	if (length > max || at > TEXT_BYTES - max)
		return 0;
	for (u32 i = 0; i < max; i += sizeof(u64))
		*(u64 *)(r->texts.bytes + at + i) = *(const u64 *)(route->pattern + i);
	r->route.at = at;
	r->route.length = length;
	r->texts.length = at + length;
	return 1;
}

#define METHOD_OPTIONS_LENGTH 7

/* Who was answered without a pattern may have come to a ServeMux as a copy; CORS's OPTIONS mostly don't get there. */
static __always_inline void ask_mux(const struct http_server_request *r)
{
	struct record_header wanted = {.library = library_id, .kind = RECORD_routes_wanted};

	if (!mux_can_tell || mux_asked || r->status >= 400 || r->method.length == METHOD_OPTIONS_LENGTH)
		return;
	mux_asked = 1;
	if (bpf_ringbuf_output(&events, &wanted, sizeof(wanted), BPF_RB_FORCE_WAKEUP))
		mux_asked = 0;
}

/* A router is nearer to the handler than a ServeMux, and of those the one counts that has the server's own Request. */
static __always_inline void read_route(struct http_server_request *r, u64 goid)
{
	const struct http_route *route = are_routes_told() ? bpf_map_lookup_elem(&http_routes, &goid) : 0;

	if (!route || route->by_mux) {
		struct go_string pattern = read_pattern(r);

		keep_text(&r->texts, &r->route, &pattern, MAX_ROUTE);
		if (!route && !pattern.length)
			ask_mux(r);
	}
	if (!route)
		return;
	if (route->length && !r->route.length) {
		r->router = route->library + 1;
		r->route_handler = route->handler;
		if (!copy_route(r, route, MAX_ROUTE) && !copy_route(r, route, ROUTE_BYTES))
			count(COUNTER_text_truncated);
	}
	forget_route(goid);
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

static __always_inline u64 header_at(u64 base, u32 offset)
{
	return base && offset < ABSENT ? read_word(base + offset) : 0;
}

/*
 * The headers of the response, an http.Header; 0: none. Where the handler has left the response to net/http, its
 * headers will be sent as they are now; else they were copied, and what it has changed since is not sent.
 */
static __always_inline u64 sent_headers(const struct http_server_request *r)
{
	u64 state;

	if (!r->status && r->ending != ENDING_returned)
		return 0;
	switch (r->writer_kind) {
	case WRITER_http1:
		return r->status ? header_at(r->writer, response_chunk_writer + chunk_writer_header)
				 : header_at(r->writer, response_handler_header);
	case WRITER_http2:
		state = read_word(r->writer + http2_writer_state);
		return header_at(state, r->status ? http2_sent_header : http2_handler_header);
	case WRITER_x_http2:
		state = read_word(r->writer + x_http2_writer_state);
		return header_at(state, r->status ? x_http2_sent_header : x_http2_handler_header);
	}
	return 0;
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
	    message.length <= MAX_URI && r->texts.length <= TEXT_BYTES - MAX_PANIC - MAX_ROUTE) {
		u32 at = r->texts.length;
		u64 length = message.length > MAX_PANIC ? MAX_PANIC : message.length;

		barrier_var(length);
		if (length > MAX_PANIC || at > TEXT_BYTES - MAX_PANIC ||
		    bpf_probe_read_user(r->texts.bytes + at, length, (const void *)message.data))
			return;
		r->panic_message.at = at;
		r->panic_message.length = length;
		r->texts.length = at + length;
	}
}
