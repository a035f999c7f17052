/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* For the library of a router: finds the request that it routes, and keeps the route for the request's span. */
#pragma once

#include "http_route.h"
#include "open_span.h"
#include "return_site.h"

/* (*net/http.Request).ctx */
volatile const u16 request_context = ABSENT;

/* What a new entry is copied from: the stack has no room for it. */
static const struct http_route no_route;

/* A router on another goroutine than the server's runs inside of what is there: http.TimeoutHandler. */
#define ELSEWHERE (1ULL << 32)

/*
 * The goroutine that serves the request with this context.Context, an interface value at `context` in the target's
 * memory; 0 when the agent doesn't hear of it.
 */
static __always_inline u64 serving_goid(struct pt_regs *ctx, u64 context)
{
	u64 goid = current_goid(ctx);
	const struct open_span *span = bpf_map_lookup_elem(&open_requests, &goid);
	struct go_iface request = {};
	u64 found;

	if (!span) {
		if (read_user(&request, sizeof(request), context))
			return 0;
		found = find_context(request.tab, request.data);
		if (!found || found & APPLICATION_SPAN)
			return 0;
		goid = found >> 1;
		span = bpf_map_lookup_elem(&open_requests, &goid);
	}
	return span && span->context.is_wanted ? goid : 0;
}

/* An entry without a route yet; 0 when a router further inside has told one, or without room for one. */
static __always_inline struct http_route *begin_route(struct pt_regs *ctx, u64 goid)
{
	struct http_route *route = bpf_map_lookup_elem(&http_routes, &goid);
	u64 depth = stack_depth(ctx) + (current_goid(ctx) == goid ? 0 : ELSEWHERE);

	if (route && route->length && route->depth > depth)
		return 0;
	if (!route) {
		if (bpf_map_update_elem(&http_routes, &goid, &no_route, BPF_NOEXIST)) {
			count(COUNTER_field_unreadable);
			return 0;
		}
		route = bpf_map_lookup_elem(&http_routes, &goid);
		if (!route)
			return 0;
	}
	route->depth = depth;
	route->library = library_id;
	route->length = 0;
	route->handler = 0;
	route->by_mux = 0;
	return route;
}

/* The router knows the request, and has no route for it. A route that another router has told stays. */
static __always_inline void keep_no_route(u64 goid)
{
	const struct http_route *route = bpf_map_lookup_elem(&http_routes, &goid);

	if (!route || route->by_mux)
		bpf_map_update_elem(&http_routes, &goid, &no_route, BPF_ANY);
}

/* Adds a part of the pattern. What is too long for its place is cut, and counted. */
static __always_inline void add_to_route(struct http_route *route, const struct go_string *part)
{
	u64 length = part->length;
	u32 at = route->length;

	if (!length)
		return;
	/* The compiler would cut what was compared to 16 bits again, which verifiers don't see through. */
	barrier_var(at);
	if (length > ROUTE_PART || at > ROUTE_BYTES - ROUTE_PART)
		count(COUNTER_text_truncated);
	if (at > ROUTE_BYTES - ROUTE_PART)
		return;
	if (length > ROUTE_PART)
		length = ROUTE_PART;
	/* The compiler knows the bound and would drop the check that the verifier wants to see. */
	barrier_var(length);
	if (length > ROUTE_PART || read_user(route->pattern + at, length, part->data))
		return;
	route->length = at + length;
}
