// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Spans of go.opentelemetry.io/otel/trace: one hit where a span begins, one where it has ended. */

#include "../../made_span.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

GO_PROBE(otel_trace_span_started, made_span_started)
GO_PROBE(otel_trace_span_ended, made_span_ended)
