/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Trace context of a call, from the caller's goroutine, which makes the call's header fields, to the goroutine that
 * writes them to the connection. In between they may wait for the connection to have a stream for them. What takes
 * them there, and back to the call, is where the slice of the fields lies in memory.
 */
#pragma once

#include "outgoing_fields.h"
#include "outgoing_span.h"

/* A call whose fields are made and not written. */
struct outgoing_call {
	struct span_context context;
	/* Both may be empty. */
	struct handed_on tracestate;
	struct handed_on baggage;
	/* Size of the call's own fields, as RFC 9113, 6.5.2 counts it: bytes, and FIELD_OVERHEAD for each. */
	u32 size;
	/* Own headers that stand in the way: bits of enum own_field. */
	u8 found;
	/* What may be added. */
	enum propagator formats;
	u8 _pad[2];
	/* What the list may come to with ours: this peer takes no more. */
	u32 limit;
	u32 _pad2;
};

/* Keyed by the address of the first field. A call that is given up leaves its entry behind: old ones may go (LRU). */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u64);
	__type(value, struct outgoing_call);
} outgoing_calls SEC(".maps");

/* Most that a list of fields may come to: what gRPC's peers take that say nothing, and soft limit of those that do. */
#define MAX_FIELD_LIST 8192
/* No list of so many fields is shorter. */
#define MAX_FIELDS (MAX_FIELD_LIST / FIELD_OVERHEAD + 1)

/* golang.org/x/net/http2/hpack.HeaderField begins with Name and Value, in all versions; a slice's step is 40 bytes. */
struct hpack_field {
	struct go_string name;
	struct go_string value;
};

#define HPACK_FIELD_STEP 40

enum own_field {
	OWN_FIELD_traceparent = 1,
	OWN_FIELD_tracestate = 2,
	OWN_FIELD_baggage = 4,
	OWN_FIELD_b3 = 8,
};

/* Up to eight characters as a word. They are compared in lower case, which leaves digits and '-' as they are. */
#define WORD8(a, b, c, d, e, f, g, h)                                                                          \
	((u64)(a) | (u64)(b) << 8 | (u64)(c) << 16 | (u64)(d) << 24 | (u64)(e) << 32 | (u64)(f) << 40 |        \
	 (u64)(g) << 48 | (u64)(h) << 56)

static __always_inline enum own_field own_field_of(u64 first, u64 rest, u64 length)
{
	if (length == 11 && first == WORD8('t', 'r', 'a', 'c', 'e', 'p', 'a', 'r') &&
	    rest == WORD8('e', 'n', 't', 0, 0, 0, 0, 0))
		return OWN_FIELD_traceparent;
	if (length == 10 && first == WORD8('t', 'r', 'a', 'c', 'e', 's', 't', 'a') &&
	    rest == WORD8('t', 'e', 0, 0, 0, 0, 0, 0))
		return OWN_FIELD_tracestate;
	if (length == 7 && first == WORD8('b', 'a', 'g', 'g', 'a', 'g', 'e', 0))
		return OWN_FIELD_baggage;
	if (length == 2 && first == WORD8('b', '3', 0, 0, 0, 0, 0, 0))
		return OWN_FIELD_b3;
	if (length == 12 && first == WORD8('x', '-', 'b', '3', '-', 't', 'r', 'a') &&
	    rest == WORD8('c', 'e', 'i', 'd', 0, 0, 0, 0))
		return OWN_FIELD_b3;
	return 0;
}

/* Longest of the names above. */
#define MAX_OWN_NAME 12

/* Reads the name of a field. 0: it can't be read. */
static __always_inline int note_name(struct outgoing_call *call, const struct go_string *name)
{
	u64 words[2] = {};
	u64 length = name->length;

	if (length > MAX_OWN_NAME || !length)
		return 1;
	barrier_var(length);
	if (length > MAX_OWN_NAME || bpf_probe_read_user(words, length, (const void *)name->data))
		return 0;
	/* Bits of what lies behind the name stay away: they are not zero when the bit of lower case is set. */
	words[0] |= EACH_BYTE(0x20);
	words[1] |= EACH_BYTE(0x20);
	if (length < 8)
		words[0] &= (1ULL << (8 * (length & 7))) - 1;
	words[1] &= length > 8 ? (1ULL << (8 * (length & 7))) - 1 : 0;
	call->found |= own_field_of(words[0], words[1], length);
	return 1;
}

/* So large that nothing can be added, when it is longer than anybody takes: what is beyond any field's length is one. */
static __always_inline u32 size_of_text(u64 length)
{
	return length < MAX_FIELD_LIST ? length : MAX_FIELD_LIST;
}

/* Takes a field's name and size into account. 0: it can't be read. A global function, verified once. */
__attribute__((noinline)) int note_field(u64 key, u64 address)
{
	struct outgoing_call *call = bpf_map_lookup_elem(&outgoing_calls, &key);
	struct hpack_field field = {};

	if (!call || bpf_probe_read_user(&field, sizeof(field), (const void *)address) || !note_name(call, &field.name))
		return 0;
	call->size += size_of_text(field.name.length) + size_of_text(field.value.length) + FIELD_OVERHEAD;
	return 1;
}

/*
 * Goes through the fields, whose address is the key of their entry, up to more than would leave room for any. 0: they
 * can't be read.
 */
static __always_inline int note_fields(u64 fields, u64 count)
{
	for (u32 i = 0; i < MAX_FIELDS; i++) {
		if (i >= count)
			return 1;
		if (!note_field(fields, fields + i * HPACK_FIELD_STEP))
			return 0;
	}
	return 1;
}

/* What is left of the formats that may be added; 0: the application's own context goes out. */
static __always_inline u32 formats_beside(u32 formats, u8 found)
{
	if (found & OWN_FIELD_traceparent)
		return 0;
	if (found & OWN_FIELD_b3 && formats & (PROPAGATOR_b3 | PROPAGATOR_b3multi))
		return 0;
	return found & OWN_FIELD_baggage ? formats & ~PROPAGATOR_baggage : formats;
}

/* What a new entry is copied from. */
static const struct outgoing_call no_call;

/* (*http2Client).createHeaderFields has returned ([]hpack.HeaderField, error), on the caller's goroutine. */
static __always_inline void fields_made(struct pt_regs *ctx)
{
	const struct open_span *span = outgoing_span(current_goid(ctx));
	u64 fields = GO_ARG0(ctx);
	struct outgoing_call *call;

	if (!fields)
		return;
	if (!span) {
		/* Memory is used again: what a call has left there that was given up must not be taken for this one's. */
		bpf_map_delete_elem(&outgoing_calls, &fields);
		return;
	}
	if (bpf_map_update_elem(&outgoing_calls, &fields, &no_call, BPF_ANY) ||
	    !(call = bpf_map_lookup_elem(&outgoing_calls, &fields))) {
		count_outgoing(OUTGOING_unreadable);
		return;
	}
	call->context = span->context;
	call->tracestate = span->tracestate;
	call->baggage = span->baggage;
	if (!note_fields(fields, GO_ARG1(ctx))) {
		count_outgoing(OUTGOING_unreadable);
	} else {
		call->formats = formats_beside(span->outgoing & propagators_on(), call->found);
		if (call->found & OWN_FIELD_tracestate)
			call->tracestate = (struct handed_on){};
		if (call->formats)
			return;
		count_outgoing(OUTGOING_own_header);
	}
	bpf_map_delete_elem(&outgoing_calls, &fields);
}

volatile const u16 loopy_side = ABSENT;
volatile const u16 loopy_framer = ABSENT;
volatile const u16 framer_writer = ABSENT;
volatile const u16 buf_writer_conn = ABSENT;

/* internal/transport.clientSide; a server writes its headers by the same function. */
#define CLIENT_SIDE 0

volatile const u16 loopy_bdp_estimator = ABSENT;
volatile const u16 bdp_update_flow_control = ABSENT;
volatile const u16 client_framer = ABSENT;
volatile const u16 client_list_limit = ABSENT;

/* A method value, such as t.updateFlowControl, is a pointer to code and receiver. */
#define METHOD_VALUE_RECEIVER 8

static __always_inline u64 word_at(u64 address)
{
	u64 word = 0;

	return bpf_probe_read_user(&word, sizeof(word), (const void *)address) ? 0 : word;
}

/*
 * The *http2Client of a client's loopyWriter, which the two's estimator of bandwidth calls back; 0: not known, or none
 * is estimated.
 */
static __always_inline u64 client_of(u64 loopy)
{
	u64 estimator, update, client;

	if (loopy_bdp_estimator == ABSENT || bdp_update_flow_control == ABSENT || client_framer == ABSENT)
		return 0;
	estimator = word_at(loopy + loopy_bdp_estimator);
	update = estimator ? word_at(estimator + bdp_update_flow_control) : 0;
	client = update ? word_at(update + METHOD_VALUE_RECEIVER) : 0;
	return client && word_at(client + client_framer) == word_at(loopy + loopy_framer) ? client : 0;
}

/* Bytes that the list of a call's fields may come to on this connection: a peer may have said that it takes fewer. */
static __always_inline u32 list_limit(u64 loopy)
{
	u64 client = client_list_limit == ABSENT ? 0 : client_of(loopy);
	u64 said = client ? word_at(client + client_list_limit) : 0;
	u32 limit = MAX_FIELD_LIST;

	if (said && bpf_probe_read_user(&limit, sizeof(limit), (const void *)said))
		return 0;
	return limit < MAX_FIELD_LIST ? limit : MAX_FIELD_LIST;
}

/*
 * At the entry of (*loopyWriter).writeHeader(loopy, stream, endStream, []hpack.HeaderField, …), on the goroutine that
 * alone writes to the connection: the call whose fields are about to be written, once; 0 for none. `key` is the
 * caller's, who deletes the entry when it is done.
 */
static __always_inline struct outgoing_call *written_call(struct pt_regs *ctx, u64 *key)
{
	struct outgoing_call *call;
	u64 side = 0;

	*key = GO_ARG3(ctx);
	call = bpf_map_lookup_elem(&outgoing_calls, key);
	if (!call || STACK_CHECK_FAILS(ctx))
		return 0;
	/* The entry is of a client's call that was given up, and a server writes from the same memory now. */
	if (bpf_probe_read_user(&side, sizeof(side), (const void *)(GO_ARG0(ctx) + loopy_side)) || side != CLIENT_SIDE)
		return 0;
	call->limit = list_limit(GO_ARG0(ctx));
	return call;
}

/* itab of *net.TCPConn for net.Conn, with the load bias. */
volatile const u64 conn_tcp_itab = 0;

/* The loopyWriter's *bufWriter; 0 when it can't be read. */
static __always_inline u64 writer_of(u64 loopy)
{
	u64 framer = 0, writer = 0;

	if (bpf_probe_read_user(&framer, sizeof(framer), (const void *)(loopy + loopy_framer)) ||
	    bpf_probe_read_user(&writer, sizeof(writer), (const void *)(framer + framer_writer)))
		return 0;
	return writer;
}

/*
 * The *net.TCPConn that a bufWriter writes to; 0: another connection. It holds it as a net.Conn, or since 1.7x, as an
 * io.Writer, of which the binary has no itab: the type that both name is compared.
 */
static __always_inline u64 tcp_conn_of(u64 writer)
{
	struct go_iface conn = {};
	u64 type = 0, tcp = 0;

	if (!conn_tcp_itab ||
	    bpf_probe_read_user(&conn, sizeof(conn), (const void *)(writer + buf_writer_conn)) ||
	    bpf_probe_read_user(&type, sizeof(type), (const void *)(conn.tab + GO_ITAB_TYPE)) ||
	    bpf_probe_read_user(&tcp, sizeof(tcp), (const void *)(conn_tcp_itab + GO_ITAB_TYPE)))
		return 0;
	return type && type == tcp ? conn.data : 0;
}

/* A connection of plain TCP is served on its socket, where that is possible. */
static __always_inline int sockets_carry(u64 writer)
{
	const struct outgoing_settings *settings = outgoing_config();

	return settings && settings->task_files && tcp_conn_of(writer);
}

/* What the fields may still take before the list is longer than the peer takes. */
static __always_inline u32 room_beside(const struct outgoing_call *call)
{
	return call->size < call->limit ? call->limit - call->size : 0;
}

/* Keeps of the text all fields, or those alone that are needed, when the call's list has room for them. 0: it hasn't. */
static __always_inline int fit_into_list(struct outgoing_head *head, u32 needed, const struct outgoing_call *call)
{
	u32 room = room_beside(call);

	if (list_size(head->length, call->formats, call->tracestate.text.length, call->baggage.text.length) <= room)
		return 1;
	if (needed == head->length || list_size(needed, call->formats, 0, 0) > room)
		return 0;
	count_outgoing(OUTGOING_left_out);
	head->length = needed;
	return 1;
}
