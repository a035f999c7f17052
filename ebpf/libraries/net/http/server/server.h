/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The record of one request, which is also its state while it is in flight, and the table of those in flight. */
#pragma once

#include "headers.h"
#include "http_route.h"
#include "open_span.h"
#include "text.h"

enum writer_kind {
	/* *net/http.response */
	WRITER_http1,
	/* The bundled HTTP/2 server's. */
	WRITER_http2,
	/* golang.org/x/net/http2's. */
	WRITER_x_http2,
} __attribute__((packed));

enum ending {
	ENDING_returned,
	ENDING_panicked,
	ENDING_goexit,
	/* The handler took the connection over. */
	ENDING_hijacked,
} __attribute__((packed));

/* Most bytes of each text. */
#define MAX_METHOD 32
#define MAX_REMOTE 64
#define MAX_HOST 128
#define MAX_URI 384
/* "METHOD target" in one piece. */
#define MAX_LINE 448
#define MAX_USER_AGENT 192
#define MAX_FORWARDED 64
#define MAX_PANIC 128
#define MAX_ROUTE 128
#define MAX_TRACESTATE 512

struct http_server_request {
	struct span_header span;
	/* *net/http.response or *http2.responseWriter, and *net/http.Request, in the target's memory. */
	u64 writer;
	u64 request;
	/* Where the text of its target was when it began. */
	u64 uri_data;
	/* Type descriptor of a panic's value. */
	u64 panic_type;
	/* Code of the handler that the router chose, where that matters. */
	u64 route_handler;
	/* -1: unknown. */
	s64 request_body_size;
	s64 response_body_size;
	u16 status;
	u8 protocol_major;
	u8 protocol_minor;
	u8 tls;
	enum writer_kind writer_kind;
	enum ending ending;
	/* Who has told the route: 1 more than the library's place in the registry of this run; 0 is ServeMux. */
	u8 router;
	struct text method;
	struct text uri;
	struct text host;
	struct text remote;
	struct text user_agent;
	struct text forwarded_for;
	struct text forwarded;
	struct text tracestate;
	struct text route;
	struct text panic_message;
	struct texts texts;
};

struct http_server_operation {
	/* What is open while the request is: the parent of what its handler does. */
	struct open_span open;
	struct found_headers headers;
	/* 1: it is among the open requests. */
	u64 is_kept;
	struct http_server_request request;
};

/*
 * Keyed by goroutine: a handler returns on the one that it was called on. A plain hash, so that a full table
 * is seen and counted; an LRU one would drop entries silently.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 12288);
	__type(key, u64);
	__type(value, struct http_server_operation);
} http_server_operations SEC(".maps");

static __always_inline struct http_server_operation *open_request(u64 goid)
{
	return bpf_map_lookup_elem(&http_server_operations, &goid);
}

/* What a new entry is copied from: the stack has no room for it. */
static const struct http_server_operation no_request;

/* 1: the program has a router that tells its routes, http_router.h. */
volatile const u8 has_routers = 0;

/*
 * 1: a ServeMux in the program can be asked, from then on, for the patterns of requests that it does not leave in the
 * server's own Request: those that middleware has copied.
 */
volatile const u8 mux_can_tell = 0;

/* Set once it has been asked. */
volatile u8 mux_asked = 0;

/* 1: there are other libraries, which look for the request that a call, or a route, belongs to. */
volatile const u8 has_children = 0;

static __always_inline int is_looked_for(void)
{
	return has_children || (mux_can_tell && mux_asked);
}

/* Whether http_routes may hold anything. */
static __always_inline int are_routes_told(void)
{
	return has_routers || (mux_can_tell && mux_asked);
}

/* After a request's route was read, or where it is not wanted. */
static __always_inline void forget_route(u64 goid)
{
	if (are_routes_told())
		bpf_map_delete_elem(&http_routes, &goid);
}

/* From here on it is nobody's parent. */
static __always_inline void forget_request(struct http_server_operation *operation, u64 goid)
{
	u64 context = operation->open.request_context;

	if (operation->is_kept) {
		if (context)
			bpf_map_delete_elem(&request_contexts, &context);
		keep_ended(goid, 0);
		bpf_map_delete_elem(&open_requests, &goid);
		/* One that a panic has ended. */
		bpf_map_delete_elem(&open_spans, &goid);
	}
	bpf_map_delete_elem(&http_server_operations, &goid);
}

#define EEXIST 17

/*
 * A fresh entry; 0 without room for one. Where x/net's HTTP/2 calls net/http's handler, both starts see the same
 * request: the first one's entry stays.
 */
static __always_inline struct http_server_operation *new_request(u64 goid, u64 request)
{
	long error = bpf_map_update_elem(&http_server_operations, &goid, &no_request, BPF_NOEXIST);

	if (error == -EEXIST) {
		struct http_server_operation *open = open_request(goid);

		if (open && open->request.request == request)
			return 0;
		count(COUNTER_superseded);
		if (open)
			forget_request(open, goid);
		forget_route(goid);
		error = bpf_map_update_elem(&http_server_operations, &goid, &no_request, BPF_ANY);
	}
	if (error) {
		count(COUNTER_started);
		count(COUNTER_in_flight_full);
		return 0;
	}
	return open_request(goid);
}
