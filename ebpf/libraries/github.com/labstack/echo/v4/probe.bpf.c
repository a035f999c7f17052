// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* echo v4: the route of a request, where its Context goes back to the pool. */

#include "http_router.h"
#include "preemption.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

volatile const u16 context_request = ABSENT;
volatile const u16 context_path = ABSENT;
volatile const u16 context_handler = ABSENT;

/*
 * In (*Echo).ServeHTTP, the call of (*sync.Pool).Put(pool, any(*context)). Also where nothing matched, the context may
 * have a path: the agent knows by the handler.
 */
static __always_inline void request_served(struct pt_regs *ctx)
{
	u64 context = GO_ARG2(ctx);
	u64 goid = serving_goid(ctx, read_word(context + context_request) + request_context);
	struct go_string path = {};
	struct http_route *route;
	u64 handler;

	if (!goid || read_user(&path, sizeof(path), context + context_path))
		return;
	if (!path.length) {
		keep_no_route(goid);
		return;
	}
	route = begin_route(ctx, goid);
	if (!route)
		return;
	add_to_route(route, &path);
	/* A func value points to a word that points to its code. */
	handler = read_word(context + context_handler);
	if (handler)
		route->handler = read_word(handler);
}

GO_PROBE(echo_v4_request_served, request_served)
