/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * The calls that a goroutine is in the middle of, one within another: where each has its place, which of them is meant,
 * and how they end.
 */
#pragma once

#include "end.h"

volatile const u16 stream_connection = ABSENT;
volatile const u16 stream_description = ABSENT;

static __always_inline struct grpc_client_operation *operation_at(u64 key)
{
	return bpf_map_lookup_elem(&grpc_client_operations, &key);
}

static __always_inline int is_its_stream(const struct grpc_call *call, u64 stream)
{
	u64 connection = 0, description = 0;

	if (!stream ||
	    bpf_probe_read_user(&connection, sizeof(connection), (const void *)(stream + stream_connection)) ||
	    bpf_probe_read_user(&description, sizeof(description), (const void *)(stream + stream_description)))
		return 0;
	return connection == call->connection && description == call->description;
}

/* The call that this goroutine has begun last, and its key. */
static __always_inline struct grpc_client_operation *innermost(u64 goid, u64 *key)
{
#pragma unroll
	for (int level = MAX_LEVELS - 1; level >= 0; level--) {
		struct grpc_client_operation *operation = operation_at(*key = key_of(goid, level));

		if (operation)
			return operation;
	}
	return 0;
}

/* Of this goroutine the innermost call that this stream was made for, and its key. */
static __always_inline struct grpc_client_operation *operation_of_stream(u64 goid, u64 stream, u64 depth, u64 *key)
{
#pragma unroll
	for (int level = MAX_LEVELS - 1; level >= 0; level--) {
		struct grpc_client_operation *operation = operation_at(*key = key_of(goid, level));

		if (operation && depth > operation->open.self.depth && is_its_stream(&operation->call, stream))
			return operation;
	}
	return 0;
}

/* A call that is this goroutine's alone, with its end. */
static __always_inline void end_operation(struct grpc_client_operation *operation, u64 key, u64 stream,
					  const struct grpc_status *status, u64 goid)
{
	struct grpc_client_call *r = claim_record(key);
	int is_left = !stream && failed_in_own_span(&operation->open, goid);

	close_operation(&operation->open, goid);
	if (r && is_left)
		count(COUNTER_traced_by_application);
	else if (r)
		tell_end(r, &operation->call, stream, status);
	bpf_map_delete_elem(&grpc_client_records, &key);
	bpf_map_delete_elem(&grpc_client_operations, &key);
}

/*
 * A call that has begun and returned, and whose outcome nobody saw: of a stream it can only be a failure, which an
 * interceptor has answered by trying again. Of another call it may be a panic as well.
 */
static __attribute__((noinline)) void give_up(struct grpc_client_operation *operation, u64 key, u64 goid)
{
	if (operation->call.is_stream) {
		end_operation(operation, key, 0, 0, goid);
		return;
	}
	count(COUNTER_superseded);
	close_operation(&operation->open, goid);
	bpf_map_delete_elem(&grpc_client_operations, &key);
}

/*
 * The key for a call that begins at this depth: a level within those that go on. What is left of earlier ones is given
 * up, the innermost first, and so is what goes on at the last level.
 */
static __always_inline u64 free_key(u64 goid, struct pt_regs *ctx)
{
	u64 free = 0;

#pragma unroll
	for (int level = MAX_LEVELS - 1; level >= 0; level--) {
		u64 key = key_of(goid, level);
		struct grpc_client_operation *operation = operation_at(key);

		if (operation && free && goes_on(&operation->open.self, ctx))
			return free;
		if (operation)
			give_up(operation, key, goid);
		free = key;
	}
	return free;
}

static __always_inline struct grpc_client_operation *new_operation(u64 key)
{
	if (!key || bpf_map_update_elem(&grpc_client_operations, &key, &no_operation, BPF_ANY)) {
		count(key ? COUNTER_in_flight_full : COUNTER_unreadable);
		return 0;
	}
	return operation_at(key);
}
