// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* zerolog: one hit for each event that its levels and samplers have let through. */

#include "log_record.h"
#include "preemption.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

volatile const u16 event_level = ABSENT;
/* Since 1.30. */
volatile const u16 event_context = ABSENT;

/* zerolog.Disabled: of an event that the program has discarded. */
#define LEVEL_DISABLED 7

/* (*zerolog.Event).msg(event, message) */
static __always_inline void event_sent(struct pt_regs *ctx)
{
	struct go_string message = {.data = GO_ARG1(ctx), .length = GO_ARG2(ctx)};
	struct go_string no_logger = {};
	struct go_iface context = {};
	u64 event = GO_ARG0(ctx);
	signed char level = 0;

	if (STACK_CHECK_FAILS(ctx) || read_user(&level, sizeof(level), event + event_level) || level == LEVEL_DISABLED)
		return;
	if (event_context != ABSENT)
		read_user(&context, sizeof(context), event + event_context);
	add_log(ctx, &context, level, &no_logger, 0, &message);
}

GO_PROBE(zerolog_event_sent, event_sent)
