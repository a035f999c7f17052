/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The record of one call that the program makes, its state while it is in flight, and the tables of those. */
#pragma once

#include "../address.h"
#include "open_span.h"
#include "text.h"

/* Most bytes of each text. */
#define MAX_METHOD 256
#define MAX_TARGET 192

struct grpc_client_call {
	struct span_header span;
	/* Type descriptor of an error that has no status; 0: none. */
	u64 error_type;
	/* Of a stream whose messages were counted. */
	u64 sent;
	u64 received;
	/* The status code. */
	u32 code;
	/* Attempts that the service config's policy has added. */
	u32 retries;
	u8 is_stream;
	/* 1: neither a status nor an error could be seen, but it has failed. */
	u8 outcome_unseen;
	u8 is_counted;
	u8 _pad;
	/* "/package.Service/Method" */
	struct text method;
	/* As it was dialed: "dns:///shop.example:443". */
	struct text target;
	/* Where the target says no host. */
	struct text authority;
	struct text message;
	/* The other end of the connection of the last attempt. */
	struct address peer;
	struct texts texts;
};

/* Who has called RecvMsg last, for where on its stack that returns to, and how often it was called. */
struct stream_reader {
	u64 calls;
	u64 g;
	u64 goid;
	/* Stack in use. */
	u64 depth;
	u64 return_address;
};

/* What must be kept of a call until its end; its connection and its stream tell the rest then. */
struct grpc_call {
	/* The *grpc.ClientConn and the *grpc.StreamDesc: both are its stream's too. */
	u64 connection;
	u64 description;
	struct span_header span;
	u16 method_length;
	u8 is_stream;
	/* 1: the probes that count messages were there before its first one. */
	u8 is_counted;
	u8 _pad[4];
	u64 sent;
	struct stream_reader reader;
	u8 method[MAX_METHOD];
};

struct grpc_client_operation {
	struct open_operation open;
	struct grpc_call call;
};

/*
 * Keyed by goroutine: a unary call ends where it began, and so does a stream that never comes about. A call in the
 * middle of another's beginning (credentials that are fetched by a call) is one level further in: see key_of.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, u64);
	__type(value, struct grpc_client_operation);
} grpc_client_operations SEC(".maps");

/* Credentials that are fetched by a call, which needs some itself. */
#define MAX_LEVELS 3

/* Goroutines' ids are smaller. */
static __always_inline u64 key_of(u64 goid, u32 level)
{
	return goid | (u64)level << 62;
}

/* Keyed by address of the *grpc.clientStream: streams go on, and end, on any goroutine. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, struct grpc_call);
} grpc_client_streams SEC(".maps");

/*
 * Records that are put together at this moment, by goroutine or address of the stream, as a program may be preempted:
 * no more than there are threads in the middle of an end.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 512);
	__type(key, u64);
	__type(value, struct grpc_client_call);
} grpc_client_records SEC(".maps");

/* What new entries are copied from: the stack has no room for them. */
static const struct grpc_client_operation no_operation;
static const struct grpc_client_call no_record;
