/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The record of one request that the program sends, its state while it is in flight, and the table of those. */
#pragma once

#include "open_span.h"
#include "text.h"

#define MAX_METHOD 32
#define MAX_SCHEME 8

struct http_client_request {
	struct span_header span;
	/* Type descriptor of the error that came instead of a response; 0 for none. */
	u64 error_type;
	u16 status;
	u8 _pad[6];
	struct text method;
	struct texts texts;
};

struct http_client_operation {
	struct open_operation open;
	/* Stack in use at the start. */
	u64 depth;
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
