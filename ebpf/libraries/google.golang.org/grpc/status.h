/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * How a call ended: the code and the message of a *status.Status, or of an error that is or wraps one, as
 * status.FromError sees it. Errors of the context package get the codes that status.FromContextError gives them.
 */
#pragma once

#include "text.h"

/* google.golang.org/grpc/codes: the four that an error may mean without a status. */
#define STATUS_OK 0
#define STATUS_CANCELLED 1
#define STATUS_UNKNOWN 2
#define STATUS_DEADLINE_EXCEEDED 4

#define MAX_STATUS_MESSAGE 256

/* *internal/status.Error, a struct of a *Status; up to 1.28 *status.statusError, which is the *spb.Status itself. */
volatile const u64 status_error_itab = 0;
volatile const u64 status_proto_error_itab = 0;
volatile const u64 error_string_itab = 0;
volatile const u64 wrap_error_itab = 0;
volatile const u64 deadline_error_itab = 0;

volatile const u16 status_error_status = ABSENT;
volatile const u16 status_proto = ABSENT;
volatile const u16 status_proto_code = ABSENT;
volatile const u16 status_proto_message = ABSENT;
volatile const u16 error_string_text = ABSENT;
volatile const u16 wrap_error_text = ABSENT;
volatile const u16 wrap_error_cause = ABSENT;

/* Errors that wrap each other, as far as they are followed. */
#define MAX_CAUSES 4

struct grpc_status {
	struct go_string message;
	/* Type descriptor of an error that has no status; 0: none. */
	u64 error_type;
	u32 code;
};

/* Of a *google.golang.org/genproto/googleapis/rpc/status.Status: nil is OK. */
static __always_inline void read_status_proto(struct grpc_status *status, u64 proto)
{
	u32 code = STATUS_UNKNOWN;

	if (!proto)
		return;
	read_user(&code, sizeof(code), proto + status_proto_code);
	status->code = code;
	if (!status->message.length)
		status->message = read_string(proto + status_proto_message);
}

/* Of a *status.Status: nil is OK. */
static __always_inline void read_status(struct grpc_status *status, u64 at)
{
	if (at)
		read_status_proto(status, read_word(at + status_proto));
}

static __always_inline int is_text(const struct go_string *string, const char *text, const u32 length)
{
	char found[16] = {};

	if (string->length != length || bpf_probe_read_user(found, length, (const void *)string->data))
		return 0;
	for (u32 i = 0; i < length; i++) {
		if (found[i] != text[i])
			return 0;
	}
	return 1;
}

/* io.EOF is how a stream ends that went well; context.Canceled is of the same type. */
static __always_inline void read_error_string(struct grpc_status *status, u64 at)
{
	struct go_string text = read_string(at + error_string_text);

	if (is_text(&text, "EOF", 3)) {
		status->code = STATUS_OK;
		status->error_type = 0;
		return;
	}
	if (is_text(&text, "context canceled", 16))
		status->code = STATUS_CANCELLED;
	if (!status->message.length)
		status->message = text;
}

/* Of an error; nil is OK. One that has no status keeps its type: its code is UNKNOWN, unless it is a context's. */
static __always_inline void read_error(struct grpc_status *status, u64 itab, u64 data)
{
	if (!itab)
		return;
	status->code = STATUS_UNKNOWN;
	status->error_type = read_word(itab + GO_ITAB_TYPE);
	for (u32 i = 0; i < MAX_CAUSES; i++) {
		struct go_iface cause = {};

		if (itab == status_error_itab || itab == status_proto_error_itab) {
			status->error_type = 0;
			if (itab == status_error_itab)
				read_status(status, read_word(data + status_error_status));
			else
				read_status_proto(status, data);
			return;
		}
		if (itab == error_string_itab)
			read_error_string(status, data);
		if (itab == deadline_error_itab)
			status->code = STATUS_DEADLINE_EXCEEDED;
		if (itab != wrap_error_itab || wrap_error_cause == ABSENT)
			return;
		if (!status->message.length)
			status->message = read_string(data + wrap_error_text);
		if (read_user(&cause, sizeof(cause), data + wrap_error_cause) || !cause.tab)
			return;
		itab = cause.tab;
		data = cause.data;
	}
}
