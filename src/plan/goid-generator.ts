import type { GoBinary } from "../binary/types.ts";

/** `MOVL $16, reg; LEAQ goidgen(SB), reg; LOCK XADDQ reg, 0(reg)`: 5 (REX.B apart), 7 and 5 bytes. */
const addBatch =
  /[\xb8-\xbf]\x10\0{3}[\x48\x4c]\x8d[\x05\x0d\x15\x1d\x25\x2d\x35\x3d]([^]{4})\xf0[\x48-\x4f]\x0f\xc1/g;
/** From the start of the match to the end of LEAQ, to which its address is relative. */
const leaEnd = 12;

/**
 * Address in the file of runtime.sched.goidgen, the last id that a processor has taken for a batch of goroutines;
 * undefined when it can't be told. It has no symbol of its own, but newproc1 adds the size of a batch to it
 * (src/runtime/proc.go, "Sched.goidgen is the last allocated id"), and nothing else there adds 16 to a global.
 */
export function goidGenerator(binary: GoBinary): number | undefined {
  const [newproc] = binary.functions.find("runtime.newproc1");
  if (binary.arch !== "amd64" || newproc === undefined) return undefined;
  const code = Buffer.from(binary.code(newproc));
  const matches = [...code.toString("latin1").matchAll(addBatch)];
  const places = new Set(
    matches.map(({ index }) => newproc.address + index + leaEnd + code.readInt32LE(index + leaEnd - 4)),
  );
  return places.size === 1 ? [...places][0] : undefined;
}
