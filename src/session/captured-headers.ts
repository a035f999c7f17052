/** Tells the kernel which headers the user wants. */
import type { CapturedHeaders, Config } from "../config/config.ts";
import { encodeWantedHeaders, HeaderSet } from "../generated/shared.ts";
import type { BpfMap } from "../kernel/index.ts";
import { isSecretHeader } from "../libraries/secret-names.ts";

/** As ebpf/include/captured_headers.h has them. */
const room = { names: 8, nameLength: 64 } as const;

/** The bit by which small letters differ from capital ones: the kernel compares with it set. */
const smallBit = 0x20;

export interface MapEntry {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** All entries of the map `wanted_headers`. */
export function wantedHeaderEntries(captured: CapturedHeaders): readonly MapEntry[] {
  return Object.entries(HeaderSet).map(([set, index]) => {
    const key = Buffer.alloc(4);
    key.writeUInt32LE(index);
    return { key, value: encodeNames(captured[set as keyof CapturedHeaders]) };
  });
}

/** Whether any are wanted, or may be later: what captures them makes attaching take longer. */
export function mayCaptureHeaders({ file, live }: Config): boolean {
  return file !== undefined || Object.values(live.capturedHeaders).some((names) => names.length > 0);
}

/** From the next request on these are captured. Does nothing where no library that has headers is attached. */
export function updateWantedHeaders(wantedHeaders: BpfMap | undefined, captured: CapturedHeaders): void {
  for (const { key, value } of wantedHeaderEntries(captured)) wantedHeaders?.update(key, value);
}

function encodeNames(names: readonly string[]): Buffer {
  const bytes = Buffer.alloc(room.names * room.nameLength, smallBit);
  for (const [index, name] of names.entries())
    bytes.set(
      Buffer.from(name, "latin1").map((byte) => byte | smallBit),
      index * room.nameLength,
    );
  return encodeWantedHeaders({
    lengths: names.reduce((bits, { length }) => bits | (1n << BigInt(length - 1)), 0n),
    nameLengths: Uint8Array.from(names, ({ length }) => length),
    secrets: names.reduce((bits, name, index) => bits | (Number(isSecretHeader(name)) << index), 0),
    names: bytes,
  });
}
