// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* database/sql: one hit where a call begins, one where its result is there. */

#include "database.h"
#include "preemption.h"
#include "return_site.h"
#include "sql.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

/* Of Tx and of Conn alike. */
volatile const u16 owner_db = ABSENT;
volatile const u16 stmt_db = ABSENT;
volatile const u16 stmt_query = ABSENT;
volatile const u16 tx_done = ABSENT;
volatile const u16 tx_context = ABSENT;
volatile const u16 cancel_context_err = ABSENT;
/* 1: (*DB).retry calls a closure of each method again and again (Go 1.20 and later), which until then they did. */
volatile const u8 db_retries = 0;

struct sql_start {
	u64 database;
	struct go_iface context;
	struct go_string query;
	enum sql_call call;
	enum sql_end end;
	u8 error_register;
};

static __always_inline struct sql_operation *new_operation(u64 goid)
{
	struct sql_operation *operation = bpf_map_lookup_elem(&sql_operations, &goid);

	/* A driver that uses database/sql itself, or a call that a panic has ended. */
	if (operation) {
		count(COUNTER_superseded);
		close_operation(&operation->open, goid);
	}
	if (!goid || bpf_map_update_elem(&sql_operations, &goid, &no_operation, BPF_ANY)) {
		count(goid ? COUNTER_in_flight_full : COUNTER_unreadable);
		return 0;
	}
	return bpf_map_lookup_elem(&sql_operations, &goid);
}

/* A text has at most two pages. */
static __always_inline int is_in_memory(const struct go_string *text)
{
	u64 last = text->data + (text->length < TEXT_BYTES ? text->length : TEXT_BYTES) - 1;
	u8 byte;

	return !text->length || (!bpf_probe_read_user(&byte, sizeof(byte), (const void *)text->data) &&
				 !bpf_probe_read_user(&byte, sizeof(byte), (const void *)last));
}

static __attribute__((noinline)) void begin(struct pt_regs *ctx, const struct sql_start *start)
{
	u64 goid = current_goid(ctx);
	struct sql_operation *operation;
	struct sql_call_record *r;

	count(COUNTER_started);
	tell_database(start->database);
	operation = new_operation(goid);
	if (!operation)
		return;
	r = &operation->record;
	r->span.record.library = library_id;
	r->span.start_ns = bpf_ktime_get_ns();
	r->database = start->database;
	r->call = start->call;
	operation->open.self.depth = stack_depth(ctx);
	operation->end = start->end;
	operation->error_register = start->error_register;
	open_operation(&operation->open, &r->span, &start->context, goid, ctx);
	if (!r->span.is_wanted)
		return;
	r->query_cut = start->query.length > TEXT_BYTES;
	if (is_in_memory(&start->query))
		keep_text(&r->texts, &r->query, &start->query, TEXT_BYTES);
	else
		operation->query_later = start->query;
}

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

GO_PROBE(sql_db_statement, db_statement)
GO_PROBE(sql_db_prepare, db_prepare)
GO_PROBE(sql_db_begin, db_begin)
GO_PROBE(sql_db_ping, db_ping)
GO_PROBE(sql_stmt_statement, stmt_statement)
GO_PROBE(sql_tx_query, tx_query)
GO_PROBE(sql_conn_query, conn_query)
GO_PROBE(sql_owner_exec, owner_exec)
GO_PROBE(sql_owner_prepare, owner_prepare)
GO_PROBE(sql_conn_begin, conn_begin)
GO_PROBE(sql_conn_ping, conn_ping)
GO_PROBE(sql_tx_commit, tx_commit)
GO_PROBE(sql_tx_rollback, tx_rollback)
GO_PROBE(sql_returned, returned)
GO_PROBE(sql_attempt_ended, attempt_ended)
GO_PROBE(sql_attempt_succeeded, attempt_succeeded)
GO_PROBE(sql_tx_ended, tx_ended)
