// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* chi: the route of a request, where the outermost router puts its Context back to the pool. */

#include "http_router.h"
#include "preemption.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

volatile const u16 context_parent_ctx = ABSENT;
volatile const u16 context_patterns = ABSENT;
volatile const u16 context_pattern = ABSENT;

/* Routers mounted in one another. */
#define MAX_PATTERNS 8

/* In (*Mux).ServeHTTP, the call of (*sync.Pool).Put(pool, any(*Context)); a mounted router doesn't get there. */
static __always_inline void request_served(struct pt_regs *ctx)
{
	u64 context = GO_ARG2(ctx);
	u64 goid = serving_goid(ctx, context + context_parent_ctx);
	struct go_string patterns = {}, innermost = {};
	struct http_route *route;

	if (!goid || read_user(&innermost, sizeof(innermost), context + context_pattern) ||
	    read_user(&patterns, sizeof(patterns), context + context_patterns))
		return;
	/* Where the innermost router found nothing, those around it have left their patterns. */
	if (!innermost.length) {
		keep_no_route(goid);
		return;
	}
	route = begin_route(ctx, goid);
	if (!route)
		return;
	if (patterns.length > MAX_PATTERNS)
		count(COUNTER_text_truncated);
	for (u32 i = 0; i < MAX_PATTERNS; i++) {
		struct go_string part;

		if (i >= patterns.length)
			break;
		part = (struct go_string){};
		read_user(&part, sizeof(part), patterns.data + i * sizeof(part));
		add_to_route(route, &part);
	}
}

GO_PROBE(chi_request_served, request_served)
