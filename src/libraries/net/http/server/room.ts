/** Most bytes of texts whose end matters, as ebpf/libraries/net/http/server/server.h has them. */
export const room = { host: 128, forwarded: 64, tracestate: 512 } as const;

/** Whether the programs may have cut a text. Bytes that are no UTF-8 have grown: then too. */
export function mayBeCut(text: string, bytes: number): boolean {
  return text.length * 3 >= bytes && Buffer.byteLength(text) >= bytes;
}

/** A list without its last part where that may be cut: half an address is another's address. */
export function wholeParts(list: string, bytes: number, separators: RegExp): string {
  if (!mayBeCut(list, bytes)) return list;
  return list.split(separators).slice(0, -1).join(",");
}
