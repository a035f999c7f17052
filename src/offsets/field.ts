import type { GoBinary, StructType } from "../binary/types.ts";

export type OffsetSource = "DWARF" | "runtime types";

export interface FieldOffset {
  /** The name under which this binary has the field. */
  readonly name: string;
  /** Bytes from the start of its struct. */
  readonly offset: number;
  readonly source: OffsetSource;
}

/**
 * Where a field is in this binary, by the first of its names that anything knows: what the compiler wrote for
 * debuggers, else what the Go runtime keeps for itself, which is there in stripped binaries of any version too.
 */
export function findField(binary: GoBinary, names: readonly string[]): FieldOffset | undefined {
  for (const name of names) {
    const found =
      fieldOf(name, "DWARF", (struct) => binary.debug?.struct(struct)) ??
      fieldOf(name, "runtime types", (struct) => binary.types.struct(struct));
    if (found) return found;
  }
  return undefined;
}

function fieldOf(
  name: string,
  source: OffsetSource,
  find: (struct: string) => StructType | undefined,
): FieldOffset | undefined {
  const dot = name.lastIndexOf(".");
  const struct = find(name.slice(0, dot));
  const field = struct?.fields.find((each) => each.name === name.slice(dot + 1));
  return field && { name, offset: field.offset, source };
}
