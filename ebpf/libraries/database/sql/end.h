/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Where the result of a call is there, or that of an attempt which may be followed by another one. */
#pragma once

#include "events.h"
#include "return_site.h"
#include "sql.h"

/* 1: (*DB).retry calls a closure of each method again and again (Go 1.20 and later), which until then they did. */
volatile const u8 db_retries = 0;

static __attribute__((noinline)) void finish(struct sql_operation *operation, u64 goid, u64 error)
{
	struct sql_call_record *r;

	if (!operation)
		return;
	r = &operation->record;
	close_operation(&operation->open, goid);
	if (r->span.is_wanted) {
		r->span.end_ns = bpf_ktime_get_ns();
		r->error_type = error ? read_word(error + GO_ITAB_TYPE) : 0;
		/* The driver has read it meanwhile. */
		keep_text(&r->texts, &r->query, &operation->query_later, TEXT_BYTES);
		submit(r, RECORD_SIZE(r));
	} else {
		count_unsampled(&r->span);
	}
	bpf_map_delete_elem(&sql_operations, &goid);
}

/* The text of driver.ErrBadConn, an *errors.errorString, which begins with its text. */
#define BAD_CONNECTION "driver: bad connection"
#define BAD_CONNECTION_LENGTH (sizeof(BAD_CONNECTION) - 1)

static __always_inline int is_bad_connection(u64 error)
{
	struct go_string text = {};
	char bytes[24] = {};
	static const char bad[24] = BAD_CONNECTION;

	/* Errors of other types may be anything, and unreadable. */
	if (bpf_probe_read_user(&text, sizeof(text), (const void *)error) || text.length != BAD_CONNECTION_LENGTH ||
	    bpf_probe_read_user(bytes, BAD_CONNECTION_LENGTH, (const void *)text.data))
		return 0;
	for (u32 i = 0; i < sizeof(bytes); i += 8)
		if (*(u64 *)(bytes + i) != *(const u64 *)(bad + i))
			return 0;
	return 1;
}

/*
 * Of three attempts (*DB).retry returns the last one's result as it is: on amd64 that can't be seen. Nor can it where
 * methods look at each but the last themselves.
 */
#define ATTEMPTS (ends_at_callers || !db_retries ? 2 : 3)

static __always_inline void attempt_returned(struct pt_regs *ctx, struct sql_operation *operation, u64 goid)
{
	u64 error = GO_ARG0(ctx);

	if (error && is_bad_connection(GO_ARG1(ctx)) && ++operation->failed_attempts < ATTEMPTS)
		return;
	finish(operation, goid, error);
}

/* Registers are read one by one: the verifier wants to see where in the context. */
static __always_inline u64 error_in(struct pt_regs *ctx, u8 number)
{
	u64 first = GO_ARG0(ctx), second = GO_ARG1(ctx), third = GO_ARG2(ctx);

	barrier_var(first);
	barrier_var(second);
	barrier_var(third);
	return number == 0 ? first : number == 1 ? second : third;
}

/* Behind the return of a method, or of an attempt in (*DB).retry. */
static __always_inline void returned(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	struct sql_operation *operation = bpf_map_lookup_elem(&sql_operations, &goid);
	u64 depth;

	if (!operation)
		return;
	depth = stack_depth(ctx);
	if (operation->end == END_in_retry) {
		if (depth > operation->open.self.depth)
			attempt_returned(ctx, operation, goid);
		return;
	}
	if (operation->end == END_in_itself || depth > operation->open.self.depth)
		return;
	if (depth == operation->open.self.depth && operation->end == END_in_caller && ends_at_callers)
		return;
	finish(operation, goid, error_in(ctx, operation->error_register));
}

/* The operation that ends so, in a function that it has called, or in its own. */
static __always_inline struct sql_operation *operation_within(struct pt_regs *ctx, u64 goid, enum sql_end end)
{
	struct sql_operation *operation = bpf_map_lookup_elem(&sql_operations, &goid);

	return operation && operation->end == end && stack_depth(ctx) > operation->open.self.depth ? operation : 0;
}

/* The call errors.Is(error, …) in (*Tx).Commit and rollback, of what the driver returned. */
static __always_inline void tx_ended(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);

	finish(operation_within(ctx, goid, END_in_itself), goid, GO_ARG0(ctx));
}

/* Up to Go 1.19: the call errors.Is(error, …) in a method that retries. */
static __always_inline void attempt_ended(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	struct sql_operation *operation = operation_within(ctx, goid, END_in_retry);

	if (operation)
		attempt_returned(ctx, operation, goid);
}

/* Up to Go 1.19: (*Stmt).QueryContext has rows, and looks at no error. */
static __always_inline void attempt_succeeded(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);

	finish(operation_within(ctx, goid, END_in_retry), goid, 0);
}
