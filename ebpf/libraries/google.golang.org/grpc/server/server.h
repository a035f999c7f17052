/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The record of one call, which is also its state while it is served, and the table of those. */
#pragma once

#include "metadata.h"
#include "open_span.h"
#include "text.h"

#include "../address.h"
#include "../status.h"

/*
 * 1: since grpc-go 1.85 one function serves calls of all kinds, and has their descriptor: there they begin. Those of
 * methods that the server doesn't have never get there.
 */
volatile const u8 begins_at_rpc = 0;

enum ending {
	ENDING_returned,
	/* runtime.Goexit in a handler. */
	ENDING_goexit,
} __attribute__((packed));

/* Most bytes of each text. */
#define MAX_METHOD 256
#define MAX_AUTHORITY_TEXT 128
#define MAX_USER_AGENT 128
#define MAX_TRACESTATE 512

struct grpc_server_call {
	struct span_header span;
	/* *transport.Stream or *transport.ServerStream, in the target's memory. */
	u64 stream;
	/* Of the status that was sent. */
	u32 code;
	/* Messages of a stream. */
	u32 sent;
	u32 received;
	/* 1: a status was sent. */
	u8 has_status;
	/* 1: it is a stream, and these are all of its messages. */
	u8 is_counted;
	enum ending ending;
	u8 _pad;
	struct address peer;
	struct address local;
	struct text method;
	struct text authority;
	struct text user_agent;
	struct text message;
	struct text tracestate;
	struct texts texts;
};

struct grpc_server_operation {
	/* What is open while the call is served: the parent of what its handler does. */
	struct open_span open;
	struct found_headers headers;
	struct incoming incoming;
	/* 1: the application has a span of its own. */
	u8 left_to_application;
	/* 1: its client sends no more than one message, behind which the server reads on by itself. */
	u8 receives_once;
	u8 _pad[6];
	struct grpc_server_call call;
};

/* Keyed by goroutine: each stream is served on one of its own, or on a worker's. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 12288);
	__type(key, u64);
	__type(value, struct grpc_server_operation);
} grpc_server_operations SEC(".maps");

static __always_inline struct grpc_server_operation *open_call(u64 goid)
{
	return bpf_map_lookup_elem(&grpc_server_operations, &goid);
}

/* What a new entry is copied from: the stack has no room for it. */
static const struct grpc_server_operation no_call;

/* From here on it is nobody's parent. */
static __always_inline void forget_call(struct grpc_server_operation *operation, u64 goid)
{
	u64 context = operation->open.request_context;

	if (context) {
		bpf_map_delete_elem(&request_contexts, &context);
		keep_ended(goid, 0);
		bpf_map_delete_elem(&open_requests, &goid);
		/* One that a panic has ended. */
		bpf_map_delete_elem(&open_spans, &goid);
	}
	bpf_map_delete_elem(&grpc_server_operations, &goid);
}

#define EEXIST 17

/* A fresh entry; 0 without room for one. */
static __always_inline struct grpc_server_operation *new_call(u64 goid)
{
	long error = bpf_map_update_elem(&grpc_server_operations, &goid, &no_call, BPF_NOEXIST);

	count(COUNTER_started);
	if (error == -EEXIST) {
		struct grpc_server_operation *open = open_call(goid);

		count(COUNTER_superseded);
		if (open)
			forget_call(open, goid);
		error = bpf_map_update_elem(&grpc_server_operations, &goid, &no_call, BPF_ANY);
	}
	if (error) {
		count(COUNTER_in_flight_full);
		return 0;
	}
	return open_call(goid);
}
