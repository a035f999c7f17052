/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The record of one request that the program sends, its state while it is in flight, and the table of those. */
#pragma once

#include "open_span.h"
#include "text.h"

/* What the text of the path is. */
enum path_kind {
	/* URL.Path: to be escaped. */
	PATH_plain,
	/* URL.RawPath: escaped already. */
	PATH_raw,
	/* URL.Opaque, which stands for host and path. */
	PATH_opaque,
} __attribute__((packed));

/* Most bytes of each text. */
#define MAX_METHOD 32
#define MAX_SCHEME 16
#define MAX_HOST 192
#define MAX_PATH 336
#define MAX_QUERY 336
#define MAX_ERROR 96

struct http_client_request {
	struct span_header span;
	/* Type descriptor of the error that came instead of a response. */
	u64 error_type;
	/* 0 and less: unknown, or no body. */
	s64 request_body_size;
	/* -1: unknown. */
	s64 response_body_size;
	/* 0: no response. */
	u16 status;
	/* How often the request had been sent before: redirects, and the Transport's own retries. */
	u16 resend_count;
	u8 protocol_major;
	u8 protocol_minor;
	u8 failed;
	enum path_kind path_kind;
	struct text method;
	struct text scheme;
	struct text host;
	struct text path;
	struct text query;
	/* Of an error that is a string, its text; of another, whatever is there. */
	struct text error_message;
	u32 _pad;
	struct texts texts;
};

struct http_client_operation {
	struct open_operation open;
	/* Its *net/url.URL. */
	u64 url;
	/* Its http.Header, a map. */
	u64 header;
	/* Which headers of propagation the application has set itself: a bit for each enum header. */
	u64 own_headers;
	/* HTTP/2 has failed and is asked whether to try again. */
	u64 asks_for_retry;
	struct http_client_request request;
};

/* Keyed by goroutine: RoundTrip returns on the one that called it. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 12288);
	__type(key, u64);
	__type(value, struct http_client_operation);
} http_client_operations SEC(".maps");

/* What a new entry is copied from: the stack has no room for it. */
static const struct http_client_operation no_operation;

static __always_inline struct http_client_operation *open_request(u64 goid)
{
	return bpf_map_lookup_elem(&http_client_operations, &goid);
}
