/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The record of one call of a database, its state while it is in flight, and the table of those. */
#pragma once

#include "open_span.h"
#include "text.h"

enum sql_call {
	CALL_statement,
	CALL_prepare,
	CALL_begin,
	CALL_commit,
	CALL_rollback,
	CALL_ping,
} __attribute__((packed));

struct sql_call_record {
	struct span_header span;
	/* Address of the sql.DB: a sql_database_record says what it is. */
	u64 database;
	/* Type descriptor of the error that it returned. */
	u64 error_type;
	enum sql_call call;
	/* 1: the query is longer than what is here of it. */
	u8 query_cut;
	u16 _pad;
	struct text query;
	u32 _pad2;
	struct texts texts;
};

/* Where the end of a call is seen. */
enum sql_end {
	/* In the function that called it; on arm64 where it returns. */
	END_in_caller,
	/* Where it returns. */
	END_at_return,
	/* Where (*DB).retry, or the method itself, has the result of an attempt: deeper than the start. */
	END_in_retry,
	/* Where the function itself looks at the driver's result. */
	END_in_itself,
} __attribute__((packed));

struct sql_operation {
	struct open_operation open;
	enum sql_end end;
	/* Of these two: which of the result registers has the error's type. */
	u8 error_register;
	/* Of END_in_retry: those that found their connection broken. */
	u8 failed_attempts;
	u8 _pad[5];
	/* A query that is not in memory yet: it is a constant of the program, and its page has not been used before. */
	struct go_string query_later;
	struct sql_call_record record;
};

/* Keyed by goroutine: calls return on the one that made them. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, u64);
	__type(value, struct sql_operation);
} sql_operations SEC(".maps");

/* What a new entry is copied from: the stack has no room for it. */
static const struct sql_operation no_operation;
