/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The route of each request being served, as a router has told it: http_router.h. */
#pragma once

#include "go.h"

/* Most bytes of a route's pattern, and of one part of it: nested routers have one each. */
#define ROUTE_BYTES 256
#define ROUTE_PART 128

struct http_route {
	/* Stack in use where the router told it: what a router inside another one says counts. */
	u64 depth;
	/* Code of the handler that the router chose, where that matters; 0 elsewhere. */
	u64 handler;
	/* Place of the router's library in the registry of this run. */
	u32 library;
	/* 0: the router has no route for this request. */
	u16 length;
	/* 1: told by a ServeMux, which a router inside of it overrules also when that has no route. */
	u8 by_mux;
	u8 _pad;
	u8 pattern[ROUTE_BYTES];
};

/* Keyed by the goroutine that net/http's server serves the request on, which removes the entry at its end. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 12288);
	__type(key, u64);
	__type(value, struct http_route);
} http_routes SEC(".maps");
