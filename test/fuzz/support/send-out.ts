import { JsonPayloadBuilder } from "../../../src/export/json.ts";
import { ProtobufPayloadBuilder } from "../../../src/export/protobuf/payload.ts";
import { drawTrace } from "../../../src/export/waterfall.ts";
import { colorsFor } from "../../../src/report/colors.ts";
import type { SpanRecord } from "../../../src/spans/types.ts";

const json = new JsonPayloadBuilder();
const protobuf = new ProtobufPayloadBuilder();

/** All ways out, as far as the network or the terminal. */
export function sendOut(span: SpanRecord): void {
  json.append(span);
  JSON.parse(Buffer.from(json.finish().bytes).toString());
  protobuf.append(span);
  protobuf.finish();
  drawTrace([span], { width: 120, colors: colorsFor({}) });
}
