// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* echo v5: the route of a request, where its Context goes back to the pool. */

#include "http_router.h"
#include "preemption.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

volatile const u16 context_request = ABSENT;
volatile const u16 context_path = ABSENT;
volatile const u16 context_route = ABSENT;
volatile const u16 route_info_method = ABSENT;

/* Length of "echo_route_not_found", the method of a route that the application has for what nothing else matches. */
#define NOT_FOUND 20

/* Where nothing matched, or not the method, the RouteInfo has no method. */
static __always_inline int is_matched(u64 route_info)
{
	struct go_string method = {};

	if (!route_info || read_user(&method, sizeof(method), route_info + route_info_method))
		return 0;
	return method.length && method.length != NOT_FOUND;
}

/* In the deferred call of (*Echo).serveHTTP, the call of (*sync.Pool).Put(pool, any(*Context)). */
static __always_inline void request_served(struct pt_regs *ctx)
{
	u64 context = GO_ARG2(ctx);
	u64 goid = serving_goid(ctx, read_word(context + context_request) + request_context);
	struct go_string path = {};
	struct http_route *route;

	if (!goid || read_user(&path, sizeof(path), context + context_path))
		return;
	if (!path.length || !is_matched(read_word(context + context_route)))
		keep_no_route(goid);
	else if ((route = begin_route(ctx, goid)))
		add_to_route(route, &path);
}

GO_PROBE(echo_v5_request_served, request_served)
