/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * The write tier of HTTP/2, where a copy of net/http2 writes the frames: the fields go behind the header block, in the
 * Framer's own buffer, when the frame is complete. Which request a goroutine is writing, `pending_heads` says.
 *
 * A connection's first frame of headers finds no room there. Then WriteHeaders is told to pad the frame by as many
 * bytes as are needed, and what it has padded is taken for the fields: the block moves up by the byte that tells the
 * padding's length, and the flag for padding goes. It must not stay: some peers don't take padded frames.
 */
#pragma once

#include "go.h"
#include "http2.h"
#include "outgoing_span.h"
#include "pending_head.h"

/* A longer block of a connection's first request goes out as it is. */
#define MAX_MOVED 4000
/* The length of the padding is a byte. */
#define MAX_PADDING 255

/*
 * WriteHeaders' parameter has ten words. They don't fit into the nine registers that amd64 has for arguments, so it lies
 * on the stack. On arm64 it is in registers, which no program may change: nothing is padded there.
 */
#if defined(__TARGET_ARCH_x86)
#define PARAM_IS_ON_STACK 1
#else
#define PARAM_IS_ON_STACK 0
#endif

/* Of one of the copies of net/http2: the constants of each are its own. */
struct framer_layout {
	u16 buffer;
	u16 block;
	u16 end_headers;
	u16 pad_length;
};

/* Nothing is written at offsets that this binary does not have: without these a first frame gets no room. */
static __always_inline int may_pad(const struct framer_layout layout)
{
	return PARAM_IS_ON_STACK && layout.buffer != ABSENT && layout.block != ABSENT && layout.end_headers != ABSENT &&
	       layout.pad_length != ABSENT;
}

struct moved_frame {
	u8 bytes[FRAME_HEAD - FRAME_FLAGS + MAX_MOVED + MAX_PADDING + 1];
};

/* Where a frame is put together anew; keyed by goroutine. As many as run at the same time, and none outlives its hit. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, u64);
	__type(value, struct moved_frame);
} moved_frames SEC(".maps");

static const struct moved_frame no_frame;

/* (*Framer).WriteHeaders(framer, HeadersFrameParam), whose parameter lies on the stack behind the return address. */
static __always_inline void frame_begun(struct pt_regs *ctx, const struct framer_layout layout)
{
	u64 goid = current_goid(ctx);
	struct pending_head *pending = bpf_map_lookup_elem(&pending_heads, &goid);
	u64 param = STACK_POINTER(ctx) + sizeof(u64);
	struct go_slice buffer = {}, block = {};
	u8 end_headers = 0, pad_length = 0, padding;
	u32 length;

	if (!pending || STACK_CHECK_FAILS(ctx) || !may_pad(layout))
		return;
	if (bpf_probe_read_user(&buffer, sizeof(buffer), (const void *)(GO_ARG0(ctx) + layout.buffer)) ||
	    bpf_probe_read_user(&block, sizeof(block), (const void *)(param + layout.block)) ||
	    bpf_probe_read_user(&end_headers, sizeof(end_headers), (const void *)(param + layout.end_headers)) ||
	    bpf_probe_read_user(&pad_length, sizeof(pad_length), (const void *)(param + layout.pad_length)))
		return;
	length = pending->head.length;
	/* In a frame of its own, CONTINUATION, the end of a long block finds room. */
	if (!end_headers || pad_length || buffer.capacity >= FRAME_HEAD + PRIORITY + block.length + length)
		return;
	if (length > MAX_PADDING + 1) {
		length = pending->needed;
		count_outgoing(OUTGOING_left_out);
	}
	if (!length || length > MAX_PADDING + 1 || block.length > MAX_MOVED || !propagators_on())
		return;
	padding = length - 1;
	if (!bpf_probe_write_user((void *)(param + layout.pad_length), &padding, sizeof(padding))) {
		pending->head.length = length;
		pending->padding = padding;
	}
}

/* Room behind the block: bytes first, then the buffer's length. The frame's own length is written after this hit. */
static __always_inline enum outgoing_count extend_frame(struct pending_head *pending, u64 slice,
							const struct go_slice *frame)
{
	u32 length = pending->head.length;
	u64 after = frame->length + length;

	if (after > frame->capacity || after > FRAME_HEAD + MAX_PAYLOAD)
		return OUTGOING_head_too_long;
	if (write_user(frame->data + frame->length, pending->head.text, length, OUTGOING_BYTES) ||
	    bpf_probe_write_user((void *)(slice + GO_STRING_LENGTH), &after, sizeof(after)))
		return OUTGOING_refused;
	return OUTGOING_written;
}

/* One write from the flags to the frame's end. The frame is as long as it was. */
static __always_inline enum outgoing_count move_block(struct pending_head *pending, struct moved_frame *moved,
						      const struct go_slice *frame)
{
	const u32 kept = FRAME_HEAD - FRAME_FLAGS;
	u64 length = pending->head.length;
	u64 block = frame->length - FRAME_HEAD - length;

	barrier_var(block);
	barrier_var(length);
	if (block > MAX_MOVED || length > MAX_PADDING + 1)
		return OUTGOING_refused;
	barrier_var(block);
	barrier_var(length);
	if (bpf_probe_read_user(moved->bytes, kept, (const void *)(frame->data + FRAME_FLAGS)) ||
	    bpf_probe_read_user(moved->bytes + kept, block, (const void *)(frame->data + FRAME_HEAD + 1)))
		return OUTGOING_refused;
	moved->bytes[0] &= ~FLAG_PADDED;
	if (bpf_probe_read_kernel(moved->bytes + kept + block, length, pending->head.text))
		return OUTGOING_refused;
	if (write_user(frame->data + FRAME_FLAGS, moved->bytes, kept + block + length, sizeof(moved->bytes)))
		return OUTGOING_refused;
	return OUTGOING_written;
}

static __always_inline enum outgoing_count replace_padding(struct pending_head *pending, u64 goid,
							   const struct go_slice *frame)
{
	enum outgoing_count outcome = OUTGOING_refused;
	struct moved_frame *moved;

	if (bpf_map_update_elem(&moved_frames, &goid, &no_frame, BPF_ANY))
		return OUTGOING_refused;
	moved = bpf_map_lookup_elem(&moved_frames, &goid);
	if (moved)
		outcome = move_block(pending, moved, frame);
	bpf_map_delete_elem(&moved_frames, &goid);
	return outcome;
}

/* (*Framer).endWrite(framer): a frame is complete but for its length. */
static __always_inline void frame_ended(struct pt_regs *ctx, const struct framer_layout layout)
{
	u64 goid = current_goid(ctx);
	struct pending_head *pending = bpf_map_lookup_elem(&pending_heads, &goid);
	u64 slice = GO_ARG0(ctx) + layout.buffer;
	struct go_slice frame = {};
	u8 head[FRAME_HEAD] = {};

	if (!pending || STACK_CHECK_FAILS(ctx))
		return;
	if (layout.buffer == ABSENT || bpf_probe_read_user(&frame, sizeof(frame), (const void *)slice) ||
	    frame.length < FRAME_HEAD ||
	    bpf_probe_read_user(head, sizeof(head), (const void *)frame.data)) {
		count_outgoing(OUTGOING_unreadable);
		bpf_map_delete_elem(&pending_heads, &goid);
		return;
	}
	if ((head[FRAME_TYPE] != TYPE_HEADERS && head[FRAME_TYPE] != TYPE_CONTINUATION) ||
	    !(head[FRAME_FLAGS] & FLAG_END_HEADERS))
		return;
	if (pending->padding)
		count_outgoing(replace_padding(pending, goid, &frame));
	else if (head[FRAME_TYPE] == TYPE_HEADERS && head[FRAME_FLAGS] & FLAG_PADDED)
		count_outgoing(OUTGOING_not_http);
	else
		count_outgoing(extend_frame(pending, slice, &frame));
	bpf_map_delete_elem(&pending_heads, &goid);
}
