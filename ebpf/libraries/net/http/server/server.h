/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The record of one request, which is also its state while it is in flight. */
#pragma once

#include "span.h"

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

/* Most bytes of each text. A text for which less than this is left is cut to nothing, and counted. */
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
#define TEXTS 1024

struct http_server_request {
	struct span_header span;
	/* *net/http.response or *http2.responseWriter, and *net/http.Request, in the target's memory. */
	u64 writer;
	u64 request;
	/* Type descriptor of a panic's value. */
	u64 panic_type;
	/* -1: unknown. */
	s64 request_body_size;
	s64 response_body_size;
	u16 status;
	u8 protocol_major;
	u8 protocol_minor;
	u8 tls;
	enum writer_kind writer_kind;
	enum ending ending;
	u8 _pad;
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
	u32 texts_length;
	u8 texts[TEXTS];
};
