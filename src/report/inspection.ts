import type { Colors } from "./colors.ts";
import { type Inspected, inspectionDocument } from "./inspection-document.ts";
import { inspectionText } from "./inspection-text.ts";
import { printableJson } from "./printable.ts";

export type { Inspected } from "./inspection-document.ts";

/** What `inspect` prints: a text for people, or JSON. */
export function inspection(inspected: Inspected, json: boolean, colors: Colors): string {
  const document = inspectionDocument(inspected);
  return json ? printableJson(document) : inspectionText(document, colors);
}
