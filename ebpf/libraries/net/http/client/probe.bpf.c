// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* net/http's client: one hit where a Transport takes a request, one where its caller has the response. */

#include "events.h"
#include "outcome.h"
#include "preemption.h"
#include "propagate.h"
#include "request.h"
#include "return_site.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

/* 1: the program has OpenTelemetry's SDK. */
volatile const u8 application_traces = 0;

/* 1: the end is probed in roundTrip itself, for its wrapper shows no results (-N -l). */
volatile const u8 round_trip_itself = 0;

/* (*Transport).roundTrip(transport, *Request) (*Response, error) */
#define RESULTS 3

/*
 * A Transport that hands the request on to another one, of golang.org/x/net or of the application's: one request,
 * of which the outer one knows the outcome. Copies of a Request share its URL.
 */
static __always_inline int is_within(u64 goid, u64 url, u64 depth)
{
	const struct http_client_operation *operation = open_request(goid);

	return operation && operation->url == url && operation->open.self.depth < depth;
}

/* A fresh entry; 0 without room for one. */
static __always_inline struct http_client_operation *new_operation(u64 goid)
{
	struct http_client_operation *operation = open_request(goid);

	/* A call that a panic has ended, or one in the middle of which another begins. */
	if (operation) {
		count(COUNTER_superseded);
		close_operation(&operation->open, goid);
	}
	if (!goid || bpf_map_update_elem(&http_client_operations, &goid, &no_operation, BPF_ANY)) {
		count(goid ? COUNTER_in_flight_full : COUNTER_unreadable);
		return 0;
	}
	return open_request(goid);
}

/* What may be added to the request without a second header of the same name. */
static __always_inline enum propagator formats_left(u64 own_headers)
{
	u64 left = ~0ULL;

	/* With a trace context of its own it gets none of ours, in whatever format. */
	if (own_headers & (1 << HEADER_traceparent | 1 << HEADER_b3 | 1 << HEADER_b3_trace_id))
		left = PROPAGATOR_baggage;
	return own_headers & 1 << HEADER_baggage ? left & ~PROPAGATOR_baggage : left;
}

static __always_inline void capture(struct http_client_request *r, u64 header, u64 goid, enum header_set set)
{
	if (r->span.trace_flags)
		r->span.captured += capture_headers(header, goid, set, *(u64 *)r->span.span_id);
}

static __always_inline void round_trip_started(struct pt_regs *ctx)
{
	struct http_client_operation *operation;
	struct http_client_request *r;
	struct go_iface context = {};
	u64 request = GO_ARG1(ctx);
	u64 goid, depth, url;

	if (STACK_CHECK_FAILS(ctx))
		return;
	goid = current_goid(ctx);
	depth = stack_depth(ctx);
	url = read_word(request + request_url);
	if (is_within(goid, url, depth) || (!round_trip_itself && !return_is_known(ctx, RESULTS)))
		return;
	count(COUNTER_started);
	operation = new_operation(goid);
	if (!operation)
		return;
	operation->header = read_word(request + request_header);
	operation->own_headers = own_headers(operation, goid);
	if (application_traces && operation->own_headers & 1 << HEADER_traceparent) {
		count(COUNTER_traced_by_application);
		bpf_map_delete_elem(&http_client_operations, &goid);
		return;
	}
	r = &operation->request;
	r->span.start_ns = bpf_ktime_get_ns();
	r->span.record.library = library_id;
	operation->open.self.depth = depth;
	operation->url = url;
	read_user(&context, sizeof(context), request + request_context);
	operation->open.self.outgoing = formats_left(operation->own_headers);
	open_operation(&operation->open, &r->span, &context, goid, ctx);
	if (r->span.is_wanted)
		read_request(r, request, url);
	capture(r, operation->header, goid, CAPTURED_client_request);
}

static __always_inline void finish(struct http_client_request *r)
{
	if (!r->span.is_wanted) {
		count_unsampled(&r->span);
		return;
	}
	r->span.end_ns = bpf_ktime_get_ns();
	submit(r, RECORD_SIZE(r));
}

/*
 * Whether the function that has returned here is the one that the operation began in, and none that it calls: those
 * have used more of the stack. At a RET the stack is as it was at the entry.
 */
static __always_inline int is_own_return(struct pt_regs *ctx, const struct http_client_operation *operation)
{
	u64 depth = stack_depth(ctx);

	if (ends_at_callers && !round_trip_itself)
		return depth < operation->open.self.depth;
	return depth <= operation->open.self.depth;
}

/* The next attempt is a span of its own, with the same parent. */
static __always_inline void repeat(struct http_client_operation *operation, u64 goid)
{
	struct http_client_request *r = &operation->request;

	finish(r);
	count(COUNTER_started);
	forget_error(r);
	r->resend_count++;
	r->span.start_ns = bpf_ktime_get_ns();
	new_span_id(&r->span);
	r->span.captured = 0;
	capture(r, operation->header, goid, CAPTURED_client_request);
	context_of(&operation->open.self.context, &r->span);
	bpf_map_update_elem(&open_spans, &goid, &operation->open.self, BPF_EXIST);
}

/*
 * Where a caller goes on: of RoundTrip, with *Response and error; of HTTP/2's shouldRetryRequest, with *Request and
 * error. One program, as it also goes where callers are found later.
 */
static __always_inline void round_trip_returned(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	struct http_client_operation *operation = open_request(goid);
	struct http_client_request *r;

	if (!operation)
		return;
	if (!is_own_return(ctx, operation)) {
		if (operation->asks_for_retry && !GO_ARG1(ctx))
			repeat(operation, goid);
		operation->asks_for_retry = 0;
		return;
	}
	r = &operation->request;
	close_operation(&operation->open, goid);
	if (GO_ARG1(ctx)) {
		read_error(r, GO_ARG1(ctx), GO_ARG2(ctx));
	} else {
		read_response(r, GO_ARG0(ctx));
		if (is_any_wanted(CAPTURED_client_response))
			capture(r, read_word(GO_ARG0(ctx) + response_header), goid, CAPTURED_client_response);
	}
	finish(r);
	bpf_map_delete_elem(&http_client_operations, &goid);
}

/* (*persistConn).roundTrip(conn, *transportRequest): HTTP/1, where the connection for the request has been found. */
static __always_inline void connection_found(struct pt_regs *ctx)
{
	const struct handed_on none = {};
	struct http_client_operation *operation;
	const struct open_span *self;

	if (STACK_CHECK_FAILS(ctx))
		return;
	operation = open_request(current_goid(ctx));
	if (!operation || stack_depth(ctx) <= operation->open.self.depth)
		return;
	self = &operation->open.self;
	if (!(self->outgoing & PROPAGATOR_tracecontext))
		return;
	hand_over_head(GO_ARG0(ctx), &self->context,
		       operation->own_headers & 1 << HEADER_tracestate ? &none : &self->tracestate,
		       self->outgoing & PROPAGATOR_baggage ? &self->baggage : &none);
}

/* (*persistConn).shouldRetryRequest(conn, *Request, error): only after a failure. */
static __always_inline void attempt_failed(struct pt_regs *ctx)
{
	struct http_client_operation *operation = open_request(current_goid(ctx));

	if (operation && !STACK_CHECK_FAILS(ctx))
		read_error(&operation->request, GO_ARG2(ctx), GO_ARG3(ctx));
}

/* rewindBody(*Request), on the way to the next attempt. */
static __always_inline void attempt_repeated(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	struct http_client_operation *operation = open_request(goid);

	/* Without a failure seen before nothing was sent: a connection of HTTP/2 that was gone. */
	if (operation && !STACK_CHECK_FAILS(ctx) && operation->request.failed)
		repeat(operation, goid);
}

/* HTTP/2's shouldRetryRequest(*Request, error): only after a failure. */
static __always_inline void http2_attempt_failed(struct pt_regs *ctx)
{
	struct http_client_operation *operation = open_request(current_goid(ctx));

	if (!operation || STACK_CHECK_FAILS(ctx))
		return;
	read_error(&operation->request, GO_ARG1(ctx), GO_ARG2(ctx));
	operation->asks_for_retry = 1;
}

GO_PROBE(http_client_round_trip_started, round_trip_started)
GO_PROBE(http_client_round_trip_returned, round_trip_returned)
GO_PROBE(http_client_connection_found, connection_found)
GO_PROBE(http_client_attempt_failed, attempt_failed)
GO_PROBE(http_client_attempt_repeated, attempt_repeated)
GO_PROBE(http_client_http2_attempt_failed, http2_attempt_failed)
