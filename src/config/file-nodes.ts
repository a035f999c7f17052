import { isScalar, type ParsedNode } from "yaml";

/** A key without a value, "~" or "null". */
export function isNothing(node: ParsedNode | null): node is null {
  return (
    node === null || (isScalar(node) && node.type === "PLAIN" && /^(~|null|)$/i.test(String(node.value)))
  );
}
