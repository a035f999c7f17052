/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The methods whose calls are traced: what their arguments are, and how their results will be seen. */
#pragma once

#include "begin.h"
#include "return_site.h"

/* Of Tx and of Conn alike. */
volatile const u16 owner_db = ABSENT;
volatile const u16 stmt_db = ABSENT;
volatile const u16 stmt_query = ABSENT;
volatile const u16 tx_done = ABSENT;
volatile const u16 tx_context = ABSENT;
volatile const u16 cancel_context_err = ABSENT;
/* (*DB).QueryContext and ExecContext(db, context, query, …) */
static __always_inline void db_statement(struct pt_regs *ctx)
{
	struct sql_start start = {
		.database = GO_ARG0(ctx),
		.context = {GO_ARG1(ctx), GO_ARG2(ctx)},
		.query = {GO_ARG3(ctx), GO_ARG4(ctx)},
		.call = CALL_statement,
		.end = END_in_retry,
	};

	if (!STACK_CHECK_FAILS(ctx))
		begin(ctx, &start);
}

/* (*DB).PrepareContext(db, context, query) */
static __always_inline void db_prepare(struct pt_regs *ctx)
{
	struct sql_start start = {
		.database = GO_ARG0(ctx),
		.context = {GO_ARG1(ctx), GO_ARG2(ctx)},
		.query = {GO_ARG3(ctx), GO_ARG4(ctx)},
		.call = CALL_prepare,
		.end = END_in_retry,
	};

	if (!STACK_CHECK_FAILS(ctx))
		begin(ctx, &start);
}

/* (*DB).BeginTx(db, context, options) */
static __always_inline void db_begin(struct pt_regs *ctx)
{
	struct sql_start start = {
		.database = GO_ARG0(ctx),
		.context = {GO_ARG1(ctx), GO_ARG2(ctx)},
		.call = CALL_begin,
		.end = END_in_retry,
	};

	if (!STACK_CHECK_FAILS(ctx))
		begin(ctx, &start);
}

/* (*DB).PingContext(db, context) error: called seldom, and often for its result to be returned. */
static __always_inline void db_ping(struct pt_regs *ctx)
{
	struct sql_start start = {
		.database = GO_ARG0(ctx),
		.context = {GO_ARG1(ctx), GO_ARG2(ctx)},
		.call = CALL_ping,
		.end = END_at_return,
	};

	if (!STACK_CHECK_FAILS(ctx))
		begin(ctx, &start);
}

/* (*Stmt).QueryContext and ExecContext(statement, context, …) */
static __always_inline void stmt_statement(struct pt_regs *ctx)
{
	u64 stmt = GO_ARG0(ctx);
	struct sql_start start = {
		.context = {GO_ARG1(ctx), GO_ARG2(ctx)},
		.call = CALL_statement,
		.end = END_in_retry,
	};

	if (STACK_CHECK_FAILS(ctx))
		return;
	start.database = read_word(stmt + stmt_db);
	start.query = read_string(stmt + stmt_query);
	begin(ctx, &start);
}

/* 1: the method itself is probed at its returns, since a caller has no place for a probe. */
volatile const u8 tx_query_itself = 0;
volatile const u8 conn_query_itself = 0;

/* Methods of Tx and Conn, which have one connection and so don't retry: (owner, context, query, …). */
static __always_inline void owner_call(struct pt_regs *ctx, enum sql_call call, u8 error_register, u8 itself)
{
	struct sql_start start = {
		.context = {GO_ARG1(ctx), GO_ARG2(ctx)},
		.call = call,
		.end = itself ? END_at_return : END_in_caller,
		.error_register = error_register,
	};

	if (STACK_CHECK_FAILS(ctx) || (!itself && !return_shows(ctx, error_register + 1, error_register)))
		return;
	start.database = read_word(GO_ARG0(ctx) + owner_db);
	if (call == CALL_statement || call == CALL_prepare) {
		start.query.data = GO_ARG3(ctx);
		start.query.length = GO_ARG4(ctx);
	}
	begin(ctx, &start);
}

/* (*Rows, error) */
static __always_inline void tx_query(struct pt_regs *ctx)
{
	owner_call(ctx, CALL_statement, 1, tx_query_itself);
}

static __always_inline void conn_query(struct pt_regs *ctx)
{
	owner_call(ctx, CALL_statement, 1, conn_query_itself);
}

/* (Result, error), where Result is an interface */
static __always_inline void owner_exec(struct pt_regs *ctx)
{
	owner_call(ctx, CALL_statement, 2, 0);
}

/* (*Stmt, error) */
static __always_inline void owner_prepare(struct pt_regs *ctx)
{
	owner_call(ctx, CALL_prepare, 1, 0);
}

/* (*Conn).BeginTx(conn, context, options) (*Tx, error) */
static __always_inline void conn_begin(struct pt_regs *ctx)
{
	owner_call(ctx, CALL_begin, 1, 0);
}

/* (*Conn).PingContext(conn, context) error */
static __always_inline void conn_ping(struct pt_regs *ctx)
{
	struct sql_start start = {
		.context = {GO_ARG1(ctx), GO_ARG2(ctx)},
		.call = CALL_ping,
		.end = END_at_return,
	};

	if (STACK_CHECK_FAILS(ctx))
		return;
	start.database = read_word(GO_ARG0(ctx) + owner_db);
	begin(ctx, &start);
}

/*
 * (*Tx).Commit(tx) and rollback(tx, …). One that is done already, or whose context is, does not reach the driver and
 * so gives no span: a Rollback that is deferred for the case that Commit isn't reached.
 */
static __always_inline void tx_end(struct pt_regs *ctx, enum sql_call call)
{
	u64 tx = GO_ARG0(ctx);
	struct sql_start start = {
		.call = call,
		.end = END_in_itself,
	};
	u32 done = 1;

	if (STACK_CHECK_FAILS(ctx) || read_user(&done, sizeof(done), tx + tx_done) || done)
		return;
	read_user(&start.context, sizeof(start.context), tx + tx_context);
	/* BeginTx made it with context.WithCancel. */
	if (call == CALL_commit && read_word(start.context.data + cancel_context_err))
		return;
	start.database = read_word(tx + owner_db);
	begin(ctx, &start);
}

static __always_inline void tx_commit(struct pt_regs *ctx)
{
	tx_end(ctx, CALL_commit);
}

static __always_inline void tx_rollback(struct pt_regs *ctx)
{
	tx_end(ctx, CALL_rollback);
}
