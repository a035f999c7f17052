/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Hands over a context that the request itself names, so that the test knows what has to arrive: the trace id are the
 * 16 characters behind the path's "/", the span id the last eight of them; one more, 'u', makes it unsampled. The query
 * is the tracestate, the fragment the baggage; with a 'c' in the place of the 'u' they have changed since they came.
 */
#include "events.h"
#include "preemption.h"
#include "propagate.h"
#include "sum.h"

char LICENSE[] SEC("license") = "GPL";

volatile const u16 request_url = ABSENT;
volatile const u16 url_path = ABSENT;
volatile const u16 url_query = ABSENT;
volatile const u16 url_fragment = ABSENT;

static __always_inline struct go_string string_at(u64 address)
{
	struct go_string string = {};

	read_user(&string, sizeof(string), address);
	return string;
}

/* (*persistConn).roundTrip(conn, *transportRequest), which begins with a *Request. */
static __always_inline void sending(struct pt_regs *ctx)
{
	struct handed_on query, fragment;
	struct go_string path;
	struct span_context span = {};
	u8 text[18] = {};
	u64 url;

	if (STACK_CHECK_FAILS(ctx))
		return;
	url = read_word(read_word(GO_ARG1(ctx)) + request_url);
	path = string_at(url + url_path);
	query.text = string_at(url + url_query);
	query.sum = sum_of(current_goid(ctx), query.text.data, query.text.length);
	fragment.text = string_at(url + url_fragment);
	fragment.sum = sum_of(current_goid(ctx), fragment.text.data, fragment.text.length);
	if (path.length < 17 || read_user(text, 17, path.data))
		return;
	if (path.length > 17)
		read_user(text, 18, path.data);
	__builtin_memcpy(span.trace_id, text + 1, 16);
	__builtin_memcpy(span.span_id, text + 9, 8);
	span.trace_flags = text[17] == 'u' ? 0 : FLAG_SAMPLED;
	if (text[17] == 'c') {
		query.sum ^= 2;
		fragment.sum ^= 2;
	}
	hand_over_head(GO_ARG0(ctx), &span, &query, &fragment);
}

GO_PROBE(http_client_sending, sending)
