import type { InstrumentationScope } from "@opentelemetry/core";
import type { Library } from "../libraries/descriptor.ts";
import { version } from "../report/version.ts";

/** Of the semantic conventions whose attribute names the libraries write. */
export const schemaUrl = "https://opentelemetry.io/schemas/1.37.0";

export function scopeOf(library: Library): InstrumentationScope {
  return { name: `otel-go-auto/${library.path}`, version, schemaUrl };
}
