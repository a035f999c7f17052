/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Whose context a request is to carry. */
#pragma once

#include "open_span.h"
#include "outgoing.h"

/* Propagators to write; 0 for none. */
static __always_inline u32 propagators_on(void)
{
	const struct outgoing_settings *settings = outgoing_config();

	return settings ? settings->propagators : 0;
}

/* The span whose context the request of this goroutine is to carry; 0 for none, and when the request has one. */
static __always_inline const struct open_span *outgoing_span(u64 goid)
{
	const struct open_span *span = bpf_map_lookup_elem(&open_spans, &goid);

	return span && span->outgoing & PROPAGATOR_tracecontext && span->outgoing & propagators_on() ? span : 0;
}
