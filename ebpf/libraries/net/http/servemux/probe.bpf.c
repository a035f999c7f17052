// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* net/http's ServeMux: the pattern of a request whose Request is not the server's own. */

#include "http_router.h"
#include "preemption.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

/* The goroutine that serves the request: this one, or the one that started it, as http.TimeoutHandler does. */
static __always_inline u64 serving_or_starter(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	const struct open_span *request = bpf_map_lookup_elem(&open_requests, &goid);
	u64 starter = 0;

	if (!request) {
		request = request_of_starter(GO_G(ctx), goid);
		if (!request ||
		    bpf_probe_read_user(&starter, sizeof(starter), (const void *)(GO_G(ctx) + g_parent_goid)))
			return 0;
		goid = starter;
	}
	return request->context.is_wanted ? goid : 0;
}

/*
 * Where a caller of (*ServeMux).findHandler has the handler, two words, and the pattern's text. What a mux within a
 * mux finds is added: the agent takes them apart at the zero between them.
 */
static __always_inline void handler_found(struct pt_regs *ctx)
{
	struct go_string pattern = {.data = GO_ARG2(ctx), .length = GO_ARG3(ctx)};
	u64 goid = serving_or_starter(ctx);
	struct http_route *route;
	u32 at;

	if (!goid || !pattern.length)
		return;
	route = bpf_map_lookup_elem(&http_routes, &goid);
	if (!route || !route->by_mux) {
		route = begin_route(ctx, goid);
		if (!route)
			return;
		route->by_mux = 1;
	} else {
		at = route->length;
		if (at >= ROUTE_BYTES)
			return;
		route->pattern[at] = 0;
		route->length = at + 1;
	}
	add_to_route(route, &pattern);
}

GO_PROBE(servemux_handler_found, handler_found)
