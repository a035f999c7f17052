// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* zap: one hit for each record that its levels and samplers have let through. */

#include "log_record.h"
#include "preemption.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

/* zapcore.CheckedEntry begins with the Entry. */
volatile const u16 entry_level = ABSENT;
volatile const u16 entry_logger = ABSENT;
volatile const u16 entry_message = ABSENT;

/* (*zapcore.CheckedEntry).Write(entry, …) */
static __always_inline void entry_written(struct pt_regs *ctx)
{
	struct go_iface no_context = {};
	struct go_string logger, message;
	u64 entry = GO_ARG0(ctx);
	signed char level = 0;

	/* A record that is not to be written is nil, to a program that asks before. */
	if (!entry || STACK_CHECK_FAILS(ctx) || read_user(&level, sizeof(level), entry + entry_level))
		return;
	logger = read_string(entry + entry_logger);
	message = read_string(entry + entry_message);
	add_log(ctx, &no_context, level, &logger, MAX_LOGGER, &message);
}

GO_PROBE(zap_entry_written, entry_written)
