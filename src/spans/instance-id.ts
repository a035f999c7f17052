import { createHash } from "node:crypto";

/**
 * The namespace that the semantic conventions give for service.instance.id made of other ids:
 * https://opentelemetry.io/docs/specs/semconv/registry/attributes/service/
 */
const namespace = Buffer.from("4d63009a8d0f11eeaad74c796ed8e320", "hex");

/** A UUID of version 5 (RFC 9562): the same process of the same boot gets the same one, also from a new agent. */
export function instanceId(process: { bootId: string; pid: number; startTime: bigint }): string {
  const name = `${process.bootId}/${process.pid}/${process.startTime}`;
  const bytes = createHash("sha1").update(namespace).update(name).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
