/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
#pragma once

/* Bits, by the names of OTEL_PROPAGATORS. */
enum propagator {
	PROPAGATOR_tracecontext = 1,
	PROPAGATOR_baggage = 2,
	PROPAGATOR_b3 = 4,
	PROPAGATOR_b3multi = 8,
} __attribute__((packed));
