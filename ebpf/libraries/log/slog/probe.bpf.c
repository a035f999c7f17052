// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* log/slog: one hit for each record, behind the question whether its level is enabled. */

#include "log_record.h"
#include "preemption.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

volatile const u16 record_message = ABSENT;
volatile const u16 record_level = ABSENT;

/* (*Logger).log(logger, context, level, message, …), and logAttrs: their arguments, in the order of the registers. */
struct log_arguments {
	u64 logger;
	struct go_iface context;
	s64 level;
	struct go_string message;
};

/*
 * Where a function that was called with its arguments in registers keeps them while it calls others: in its caller's
 * frame, behind the place for arguments on the stack, of which these two have none.
 * https://go.googlesource.com/go/+/refs/heads/master/src/cmd/compile/abi-internal.md#function-call-argument-and-result-passing
 */
static __always_inline u64 kept_arguments(struct pt_regs *ctx)
{
#ifdef LINK_REGISTER
	/* The frame pointer's place is below the frame, and the link register's at its end. */
	return read_word(FRAME_POINTER(ctx)) + 2 * sizeof(u64);
#else
	return FRAME_POINTER(ctx) + 2 * sizeof(u64);
#endif
}

/* In both of them, the call of (*Record).Add(record, …), or of AddAttrs. */
static __always_inline void record_made(struct pt_regs *ctx)
{
	struct go_string no_logger = {}, message = read_string(GO_ARG0(ctx) + record_message);
	u64 level = read_word(GO_ARG0(ctx) + record_level);
	struct log_arguments kept = {};

	/* The record was made of them: where they are the same, the context is theirs too. */
	if (bpf_probe_read_user(&kept, sizeof(kept), (const void *)kept_arguments(ctx)) || kept.level != (s64)level ||
	    kept.message.data != message.data || kept.message.length != message.length) {
		count(COUNTER_additions_lost);
		return;
	}
	add_log(ctx, &kept.context, level, &no_logger, 0, &message);
}

GO_PROBE(slog_record_made, record_made)
