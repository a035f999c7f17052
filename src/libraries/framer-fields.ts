import { type FieldSpec, field, optional } from "./descriptor.ts";

/**
 * What programs need that add to frames of HTTP/2 (ebpf/include/http2_frames.h), of the copy of net/http2 whose types
 * begin with one of `structs`: today's first.
 */
export function framerFields(prefix: string, structs: readonly [string, ...string[]]) {
  const of = (rest: string): FieldSpec => {
    const [first, ...older] = structs.map((start) => `${start}${rest}`);
    return optional(field(first ?? "", ...older));
  };
  return {
    [`${prefix}framer_buffer`]: of("Framer.wbuf"),
    [`${prefix}headers_block`]: of("HeadersFrameParam.BlockFragment"),
    [`${prefix}headers_end_headers`]: of("HeadersFrameParam.EndHeaders"),
    [`${prefix}headers_pad_length`]: of("HeadersFrameParam.PadLength"),
  };
}
