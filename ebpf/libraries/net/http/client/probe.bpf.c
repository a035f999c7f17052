// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* net/http's client: one hit where a Transport takes a request, one where its caller has the response. */

#include "client.h"
#include "events.h"
#include "preemption.h"
#include "return_site.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

volatile const u16 request_method = ABSENT;
volatile const u16 request_context = ABSENT;
volatile const u16 response_status_code = ABSENT;

/* (*Transport).roundTrip(transport, *Request) (*Response, error) */
#define RESULTS 3

static __always_inline void round_trip_started(struct pt_regs *ctx)
{
	struct http_client_operation *operation;
	struct http_client_request *r;
	struct go_iface context = {};
	struct go_string method;
	u64 request = GO_ARG1(ctx);
	u64 goid;

	if (STACK_CHECK_FAILS(ctx) || !return_is_known(ctx, RESULTS))
		return;
	count(COUNTER_started);
	goid = current_goid(ctx);
	operation = bpf_map_lookup_elem(&http_client_operations, &goid);
	if (operation) {
		count(COUNTER_superseded);
		close_operation(&operation->open, goid);
	}
	if (!goid || bpf_map_update_elem(&http_client_operations, &goid, &no_operation, BPF_ANY)) {
		count(goid ? COUNTER_in_flight_full : COUNTER_unreadable);
		return;
	}
	operation = bpf_map_lookup_elem(&http_client_operations, &goid);
	if (!operation)
		return;
	r = &operation->request;
	r->span.start_ns = bpf_ktime_get_ns();
	r->span.record.library = library_id;
	operation->depth = stack_depth(ctx);
	read_user(&context, sizeof(context), request + request_context);
	operation->open.self.outgoing = 1;
	open_operation(&operation->open, &r->span, &context, goid, GO_G(ctx));
	if (!r->span.trace_flags)
		return;
	method = read_string(request + request_method);
	keep_text(&r->texts, &r->method, &method, MAX_METHOD);
}

/* Where a caller of RoundTrip goes on: *Response, error. */
static __always_inline void round_trip_returned(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	struct http_client_operation *operation = bpf_map_lookup_elem(&http_client_operations, &goid);
	struct http_client_request *r;
	u64 response = GO_ARG0(ctx), error = GO_ARG1(ctx);

	if (!operation || (ends_at_callers && stack_depth(ctx) >= operation->depth))
		return;
	r = &operation->request;
	close_operation(&operation->open, goid);
	if (r->span.trace_flags) {
		r->span.end_ns = bpf_ktime_get_ns();
		if (error)
			r->error_type = read_word(error + GO_ITAB_TYPE);
		else
			r->status = read_word(response + response_status_code);
		submit(r, RECORD_SIZE(r));
	} else {
		count(COUNTER_unsampled);
	}
	bpf_map_delete_elem(&http_client_operations, &goid);
}

GO_PROBE(http_client_round_trip_started, round_trip_started)
GO_PROBE(http_client_round_trip_returned, round_trip_returned)
