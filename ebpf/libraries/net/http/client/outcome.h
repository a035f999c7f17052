/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What the end of a request tells: the response, or the error in its place. */
#pragma once

#include "client.h"

volatile const u16 response_status_code = ABSENT;
volatile const u16 response_proto_major = ABSENT;
volatile const u16 response_proto_minor = ABSENT;
volatile const u16 response_content_length = ABSENT;
volatile const u16 response_header = ABSENT;

static __always_inline void read_response(struct http_client_request *r, u64 response)
{
	r->status = read_word(response + response_status_code);
	r->protocol_major = read_word(response + response_proto_major);
	r->protocol_minor = read_word(response + response_proto_minor);
	r->response_body_size = read_word(response + response_content_length);
}

static __always_inline void forget_error(struct http_client_request *r)
{
	if (r->error_message.length)
		r->texts.length = r->error_message.at;
	r->error_message.length = 0;
	r->error_type = 0;
	r->failed = 0;
}

/*
 * Its type, and its message as far as the type begins with a string, which only the agent knows. Of another type
 * what is read may be no text, or not readable: that is no loss.
 */
static __always_inline void read_error(struct http_client_request *r, u64 itab, u64 data)
{
	struct go_string message = {};
	u64 length;
	u32 at;

	/* One of the last attempt is what this error was made of. */
	forget_error(r);
	at = r->texts.length;
	r->failed = 1;
	r->error_type = read_word(itab + GO_ITAB_TYPE);
	if (!data || bpf_probe_read_user(&message, sizeof(message), (const void *)data) ||
	    at > TEXT_BYTES - MAX_ERROR)
		return;
	length = message.length;
	barrier_var(length);
	if (!length || length > MAX_ERROR ||
	    bpf_probe_read_user(r->texts.bytes + at, length, (const void *)message.data))
		return;
	r->error_message.at = at;
	r->error_message.length = length;
	r->texts.length = at + length;
}
