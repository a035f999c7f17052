import { goroutineFields, openSpanFields, returnFields } from "../go-fields.ts";

/** What programs of made_span.h read. */
export const madeSpanFields = { ...goroutineFields, ...openSpanFields, ...returnFields } as const;
