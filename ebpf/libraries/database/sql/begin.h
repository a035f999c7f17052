/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Where a call begins, whichever method it is of: what is kept of it. */
#pragma once

#include "database.h"
#include "sql.h"

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
