// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * Trace context in the headers of messages that a kafka-go Writer sends. These programs write to the target's memory,
 * where no Go program has anything, and so don't load where the kernel is locked down.
 */

#define TIER_COUNTS message_counts

#include "events.h"
#include "outgoing_span.h"
#include "preemption.h"
#include "records.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

GO_PROBE(kafka_message_added, message_added)
GO_PROBE(kafka_batch_sent, batch_sent)
GO_PROBE(kafka_record_read, record_read)
GO_PROBE(kafka_records_written, records_written)
