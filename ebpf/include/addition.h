/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * What is added to a span while it is open: events, such as a log record, and attributes. It comes in records of its
 * own, before the span's, and src/spans/additions.ts keeps it until that comes. A record of the kind RECORD_addition
 * begins with struct addition; what follows, texts or values of whatever types, is its library's own, and so is what
 * `toAddition` of the library makes of it. An addition that is lost has been counted.
 */
#pragma once

#include "events.h"
#include "open_span.h"

struct addition {
	struct record_header record;
	/* CLOCK_MONOTONIC, nanoseconds. */
	u64 at_ns;
	u8 span_id[8];
	/* How many it has of each: what the span lacks when there is no room for this record. */
	u8 events;
	u8 attributes;
	u8 _pad[6];
};

/*
 * The span that is meant by what is said here with this context, if it is open and the agent will have it; 0: nothing is
 * to be added. `context` may be all zero: then the goroutine alone tells.
 */
static __always_inline const struct open_span *addressee(struct pt_regs *ctx, const struct go_iface *context)
{
	u64 goid = current_goid(ctx);
	/* What find_parent says of a span that is the application's: not for us. */
	struct span_header application = {};
	const struct open_span *span =
		find_parent(&application, context, operation_of(goid, ctx), goid, GO_G(ctx));

	/* Of several spans none is meant more than the others. */
	if (!span || span->left_to_application || span->has_ended || span->spans > 1)
		return 0;
	return span->context.trace_flags & FLAG_SAMPLED ? span : 0;
}

/* All but `events` and `attributes`. Not inlined: for its type's BTF. */
static __attribute__((noinline)) void begin_addition(struct addition *addition, const struct open_span *span)
{
	__builtin_memset(addition, 0, sizeof(*addition));
	addition->record.library = library_id;
	addition->record.kind = RECORD_addition;
	addition->at_ns = bpf_ktime_get_ns();
	__builtin_memcpy(addition->span_id, span->context.span_id, sizeof(addition->span_id));
}
