/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Adds fields to frames of headers of HTTP/2, behind their blocks: outgoing_frames.h says where they begin. A frame
 * that is not as expected, or not whole in the message, passes as it is.
 */
#pragma once

#include "cookie.h"
#include "fill.h"
#include "http2.h"
#include "outgoing_frames.h"
#include "room.h"

/* What to do with the frame that is looked at, beside the ends that are counted. */
#define NOT_YET OUTCOMES

/* The head of a frame without its first byte, which is 0: no frame is longer than 16,384. */
#define HEAD_REST (FRAME_HEAD - 1)

/* Bytes that are added to the frame, whose last byte has a place in the text. */
static __always_inline u32 added_length(const struct outgoing_frame *frame)
{
	return frame->fields.length - 1;
}

/* Whether the frame whose head's rest this is may get its fields; `*length`: of its block. */
static __always_inline enum outgoing_count check_head(const u8 *rest, const struct outgoing_frame *frame, u32 *length)
{
	u8 flags = rest[FRAME_FLAGS - 1];
	u32 stream = (u32)rest[4] << 24 | (u32)rest[5] << 16 | (u32)rest[6] << 8 | rest[7];

	*length = (u32)rest[0] << 8 | rest[1];
	if (rest[FRAME_TYPE - 1] != TYPE_HEADERS || stream != frame->stream || flags & FLAG_PADDED || !*length)
		return OUTGOING_not_http;
	/* The block goes on in further frames. */
	if (!(flags & FLAG_END_HEADERS) || *length + added_length(frame) > MAX_PAYLOAD)
		return OUTGOING_head_too_long;
	return OUTGOING_written;
}

/* One byte of the message; 0: it could not be reached. */
static __always_inline u8 *byte_at(struct sk_msg_md *msg, u32 at)
{
	u8 *byte;

	if (bpf_msg_pull_data(msg, at, at + 1, 0))
		return 0;
	byte = msg->data;
	return byte + 1 > (u8 *)msg->data_end ? 0 : byte;
}

/* One byte of the fields' text. */
static __always_inline u8 text_at(const struct outgoing_frame *frame, u32 at)
{
	/* The verifier of 5.10 forgets what was known of it. */
	barrier_var(at);
	return at < OUTGOING_BYTES ? frame->fields.text[at] : 0;
}

/* Puts the frame's new length where its head's rest begins. */
static __always_inline int write_length(struct sk_msg_md *msg, u32 at, u32 length)
{
	u8 *bytes;

	if (bpf_msg_pull_data(msg, at, at + 2, 0))
		return 0;
	bytes = msg->data;
	if (bytes + 2 > (u8 *)msg->data_end)
		return 0;
	bytes[0] = length >> 8;
	bytes[1] = length;
	return 1;
}

/*
 * Makes room before the frame's last byte, for nothing can be put at a message's end, and writes that byte before the
 * fields. When a step fails the message is again as it was.
 */
static __always_inline enum outgoing_count insert(struct sk_msg_md *msg, struct outgoing_frame *frame, u32 rest,
						  u32 length)
{
	u32 at = rest + HEAD_REST + length - 1, added = added_length(frame);
	u8 *last = byte_at(msg, at);

	if (!last || added > OUTGOING_BYTES - 1)
		return OUTGOING_refused;
	frame->fields.text[0] = *last;
	if (bpf_msg_push_data(msg, at, added, 0))
		return OUTGOING_refused;
	if (fill(msg, &frame->fields, at, added) && (last = byte_at(msg, at + added))) {
		*last = text_at(frame, added);
		if (write_length(msg, rest, length + added))
			return OUTGOING_written;
		last = byte_at(msg, at + added);
		if (last)
			*last = frame->fields.text[0];
	}
	return bpf_msg_pop_data(msg, at, added, 0) ? OUTGOING_dropped : OUTGOING_refused;
}

/*
 * Whether the frame lies in the message's first piece of memory. In another one older kernels break the message (seen on
 * 5.10, not on 6.18): what is behind the new bytes begins too late, by as much as is before that piece
 * (bpf_msg_push_data).
 */
static __always_inline enum outgoing_count bring_forward(struct sk_msg_md *msg,
							 const struct outgoing_connection *connection, u32 rest,
							 u32 end)
{
	if (end <= connection->first_piece)
		return OUTGOING_written;
	/* What is before it goes out first. */
	if (rest > 1)
		return NOT_YET;
	return bpf_msg_pull_data(msg, 0, end, 0) ? OUTGOING_refused : OUTGOING_written;
}

/* `start`: where in the message the frame begins; -1 when its first byte has gone out. */
static __always_inline enum outgoing_count add_fields(struct sk_msg_md *msg, struct outgoing_connection *connection,
						      struct outgoing_frame *frame, u32 start)
{
	u32 rest = start + 1, length, end;
	enum outgoing_count outcome;
	u8 *bytes;

	if (rest + HEAD_REST > msg->size)
		return OUTGOING_in_two_parts;
	if (bpf_msg_pull_data(msg, rest, rest + HEAD_REST, 0))
		return OUTGOING_refused;
	bytes = msg->data;
	if (bytes + HEAD_REST > (u8 *)msg->data_end)
		return OUTGOING_refused;
	outcome = check_head(bytes, frame, &length);
	if (outcome != OUTGOING_written)
		return outcome;
	end = rest + HEAD_REST + length;
	if (end > msg->size)
		return OUTGOING_in_two_parts;
	if (end + added_length(frame) + FRAME_OVERHEAD > connection->fitting)
		return rest ? NOT_YET : OUTGOING_no_room;
	outcome = bring_forward(msg, connection, rest, end);
	if (outcome != OUTGOING_written)
		return outcome;
	outcome = insert(msg, frame, rest, length);
	if (outcome == OUTGOING_written) {
		connection->added += added_length(frame);
		connection->added_here = added_length(frame);
		connection->end = end + added_length(frame);
	}
	return outcome;
}

/* Where in the message the frame begins. What was added to the message is in `added` and in `added_here`. */
static __always_inline u32 start_of(const struct outgoing_connection *connection, const struct outgoing_frame *frame)
{
	return frame->position - connection->at + connection->added_here;
}

enum search {
	/* There may be another frame in the message. */
	SEARCH_on,
	SEARCH_done,
	SEARCH_drop,
};

/* Looks for the frame that waits longest. A global function, verified once and not in each pass of the caller's loop. */
__attribute__((noinline)) int add_to_next(struct sk_msg_md *msg)
{
	struct outgoing_frame_key key = {.cookie = cookie_of(msg)};
	struct outgoing_connection *connection = bpf_map_lookup_elem(&outgoing_connections, &key.cookie);
	enum outgoing_count outcome = OUTGOING_no_room;
	struct outgoing_frame *frame;

	if (!connection || connection->first == connection->next)
		return SEARCH_done;
	key.number = connection->first;
	frame = bpf_map_lookup_elem(&outgoing_frames, &key);
	/* Else it has gone: from the map, or out already. */
	if (frame && (s32)(frame->position - connection->at) >= -1) {
		u32 start = start_of(connection, frame);

		if ((s32)start >= (s32)msg->size)
			return SEARCH_done;
		outcome = add_fields(msg, connection, frame, start);
	}
	if (outcome == NOT_YET)
		return SEARCH_done;
	count_outgoing(outcome);
	bpf_map_delete_elem(&outgoing_frames, &key);
	connection->first++;
	return outcome == OUTGOING_dropped ? SEARCH_drop : SEARCH_on;
}

/*
 * How many bytes to let go before the message is looked at again, towards a frame that begins `distance` bytes further
 * on: no more than surely go out. Without room for any it is half of the way: when the kernel takes a part of them only,
 * the program waits until there is room, and as many bytes as it was let then pass unseen.
 */
static __always_inline u32 step_towards(u32 distance, u32 fitting)
{
	if (distance <= fitting)
		return distance;
	if (fitting)
		return fitting;
	return distance > 1 ? distance / 2 : 1;
}

/* Has the message looked at again where the next frame begins, or before. */
static __always_inline void stop_before_next(struct sk_msg_md *msg, u64 cookie,
					     const struct outgoing_connection *connection)
{
	struct outgoing_frame_key key = {.cookie = cookie, .number = connection->first};
	const struct outgoing_frame *frame;
	u32 start;

	if (connection->first == connection->next)
		return;
	frame = bpf_map_lookup_elem(&outgoing_frames, &key);
	start = frame ? start_of(connection, frame) : 0;
	if ((s32)start >= (s32)msg->size)
		return;
	if (connection->end && (start > connection->fitting || (s32)start < 1))
		bpf_msg_apply_bytes(msg, connection->end);
	/* No room for the frame that begins here: its first byte goes, which stays as it is. */
	else if ((s32)start < 1)
		bpf_msg_apply_bytes(msg, 1);
	else
		bpf_msg_apply_bytes(msg, step_towards(start, connection->fitting));
}

/* Frames that are looked at in one run, of which the last one gets fields. */
#define FRAMES_A_RUN 4

static __always_inline int write_frames(struct sk_msg_md *msg, u64 cookie, struct outgoing_connection *connection)
{
	const struct outgoing_settings *settings = outgoing_config();

	/* What an earlier run over this message has set stays, and would go on to the next message. */
	bpf_msg_apply_bytes(msg, 0);
	if (!settings || connection->first == connection->next)
		return SK_PASS;
	connection->at = bytes_written(settings, connection);
	connection->first_piece = (u8 *)msg->data_end - (u8 *)msg->data;
	connection->fitting = fitting_bytes(settings, connection->sock);
	connection->added_here = 0;
	connection->end = 0;
	for (u32 i = 0; i < FRAMES_A_RUN && !connection->end; i++) {
		int search = add_to_next(msg);

		if (search == SEARCH_drop)
			return SK_DROP;
		if (search == SEARCH_done)
			break;
	}
	stop_before_next(msg, cookie, connection);
	return SK_PASS;
}
