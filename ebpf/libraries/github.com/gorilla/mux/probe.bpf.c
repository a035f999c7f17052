// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* gorilla/mux: the route of a request, where the router tells its handler of it. */

#include "http_router.h"
#include "preemption.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

/* Of a Route: its handler, an interface value, and its configuration, with the expressions of host and path. */
volatile const u16 route_handler = ABSENT;
volatile const u16 route_conf = ABSENT;
volatile const u16 conf_regexp = ABSENT;
volatile const u16 regexps_path = ABSENT;
volatile const u16 regexp_template = ABSENT;

/* In (*Router).ServeHTTP, the call of requestWithRoute(*Request, *Route). */
static __always_inline void route_found(struct pt_regs *ctx)
{
	u64 matched = GO_ARG1(ctx);
	u64 goid = serving_goid(ctx, GO_ARG0(ctx) + request_context);
	struct go_string template = {};
	struct http_route *route;
	u64 path;

	if (!goid)
		return;
	/* A subrouter's own answer to what it does not know stands in the route that leads there, which has no handler. */
	if (!matched || !read_word(matched + route_handler)) {
		keep_no_route(goid);
		return;
	}
	path = read_word(matched + route_conf + conf_regexp + regexps_path);
	if (path && read_user(&template, sizeof(template), path + regexp_template))
		return;
	if (!template.length)
		keep_no_route(goid);
	else if ((route = begin_route(ctx, goid)))
		add_to_route(route, &template);
}

GO_PROBE(mux_route_found, route_found)
