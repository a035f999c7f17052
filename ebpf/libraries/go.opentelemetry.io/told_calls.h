/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The calls that tell something of a span, which told_here(ctx) of the file that includes this knows by its id. */
#pragma once

#include "api_span.h"

/* SetAttributes(span, attributes) */
static __always_inline void attributes_set(struct pt_regs *ctx)
{
	u64 id = told_here(ctx);

	if (id)
		tell_attributes(id, GO_ARG1(ctx), GO_ARG2(ctx), TOLD_attribute);
}

/* SetName(span, name) */
static __always_inline void name_set(struct pt_regs *ctx)
{
	struct go_string name = {.data = GO_ARG1(ctx), .length = GO_ARG2(ctx)};
	struct told *told = told_of(told_here(ctx));

	if (told)
		tell_text(told, TOLD_name, 0, &name);
}

/* SetStatus(span, code, description) */
static __always_inline void status_set(struct pt_regs *ctx)
{
	struct go_string description = {.data = GO_ARG2(ctx), .length = GO_ARG3(ctx)};
	struct told *told = told_of(told_here(ctx));

	if (told)
		tell_text(told, TOLD_status, (u32)GO_ARG1(ctx), &description);
}

/* AddEvent(span, name, options) */
static __always_inline void event_added(struct pt_regs *ctx)
{
	struct go_string name = {.data = GO_ARG1(ctx), .length = GO_ARG2(ctx)};
	u64 id = told_here(ctx);
	struct told *told = told_of(id);

	if (told && tell_text(told, TOLD_event, bpf_ktime_get_ns(), &name))
		tell_options(id, GO_ARG3(ctx), GO_ARG4(ctx), TOLD_event_attribute, TOLD_event_time);
}

/* RecordError(span, error, options) */
static __always_inline void error_recorded(struct pt_regs *ctx)
{
	u64 id = told_here(ctx);
	struct told *told = told_of(id);

	if (told && GO_ARG1(ctx) && tell_error(told, GO_ARG1(ctx), GO_ARG2(ctx)))
		tell_options(id, GO_ARG3(ctx), GO_ARG4(ctx), TOLD_event_attribute, TOLD_event_time);
}
