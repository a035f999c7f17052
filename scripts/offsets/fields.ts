import type { Library } from "../../src/libraries/descriptor.ts";

/** A field by the parts of its full name, "net/http.Request.Method". */
export interface FieldName {
  readonly full: string;
  readonly packagePath: string;
  /** With its package's path. */
  readonly struct: string;
  readonly field: string;
}

/**
 * Modules that never publish a version, and so have none to compute. What is read of them are messages of protobuf,
 * which registers their types with all fields: each binary tells them itself.
 */
const unversioned = ["google.golang.org/genproto/"];

/** All fields that descriptors name, under each of their names, sorted; but for those of unversioned modules. */
export function fieldsOf(libraries: readonly Library[]): readonly FieldName[] {
  const names = libraries.flatMap(({ fields }) => Object.values(fields).flatMap((spec) => spec.names));
  return [...new Set(names)]
    .filter((name) => !unversioned.some((start) => name.startsWith(start)))
    .sort()
    .map(parseFieldName);
}

/** The package's path may hold dots too; type and field stand behind the last two. */
export function parseFieldName(full: string): FieldName {
  const dot = full.lastIndexOf(".");
  const struct = full.slice(0, dot);
  return { full, packagePath: packageOf(struct), struct, field: full.slice(dot + 1) };
}

/** "net/http" of "net/http.Request". */
export function packageOf(struct: string): string {
  return struct.slice(0, struct.lastIndexOf("."));
}

/** Packages of Go's own have no dot in their path's first part. */
export function isStandard(packagePath: string): boolean {
  return !packagePath.split("/", 1)[0]?.includes(".");
}
