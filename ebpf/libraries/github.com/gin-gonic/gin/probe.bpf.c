// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* gin: the route of a request, where its Context goes back to the pool. */

#include "http_router.h"
#include "preemption.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

volatile const u16 context_request = ABSENT;
volatile const u16 context_full_path = ABSENT;

/* In (*Engine).ServeHTTP, the call of (*sync.Pool).Put(pool, any(*Context)). */
static __always_inline void request_served(struct pt_regs *ctx)
{
	u64 context = GO_ARG2(ctx);
	u64 goid = serving_goid(ctx, read_word(context + context_request) + request_context);
	struct go_string path = {};
	struct http_route *route;

	if (!goid || read_user(&path, sizeof(path), context + context_full_path))
		return;
	if (!path.length)
		keep_no_route(goid);
	else if ((route = begin_route(ctx, goid)))
		add_to_route(route, &path);
}

GO_PROBE(gin_request_served, request_served)
