import { bounded } from "../bad-binary.ts";
import { type Descriptors, Kind } from "./descriptor.ts";

/** Depth of pointers, slices and maps in one name. */
const maxDepth = 16;
/** Types in one name: a map whose keys and elements are such maps again would have twice as many with each step. */
const maxParts = 64;
/** Characters. Names of generic types with many type arguments reach some KB. */
const maxLength = 16 * 1024;

/** A full name split where the package ends: "net/http" and "Header", "sync/atomic" and "Pointer[net/http.body]". */
export interface QualifiedName {
  readonly packagePath: string;
  readonly typeName: string;
}

/** The last dot before type arguments ends the package: paths may hold dots ("gopkg.in/yaml.v3.Node"). */
export function splitName(name: string): QualifiedName {
  const bracket = name.indexOf("[");
  const dot = name.lastIndexOf(".", bracket < 0 ? undefined : bracket);
  return { packagePath: name.slice(0, Math.max(0, dot)), typeName: name.slice(dot + 1) };
}

/** Full name of a type: "net/http.Header", "*errors.errorString", "[]uint8", "map[string][]string". */
export function fullName(types: Descriptors, address: number): string {
  let parts = 0;
  const name = nameOf(types, address, 0, () => ++parts);
  bounded(name.length, maxLength, "the length of a type's name");
  return name;
}

function nameOf(types: Descriptors, address: number, depth: number, count: () => number): string {
  bounded(count(), maxParts, "the number of types in a type's name");
  const text = types.text(address);
  if (types.isNamed(address)) {
    return qualify(types.packagePath(address), text);
  }
  if (depth >= maxDepth) return text;
  const nested = (of: number) => nameOf(types, of, depth + 1, count);
  switch (types.kind(address)) {
    case Kind.pointer:
      return `*${nested(types.elem(address))}`;
    case Kind.slice:
      return `[]${nested(types.elem(address))}`;
    case Kind.array:
      return `[${types.arrayLength(address)}]${nested(types.elem(address))}`;
    case Kind.map:
      return `map[${nested(types.key(address))}]${nested(types.elem(address))}`;
    default:
      return text;
  }
}

/** The text starts with the package's name, which isn't always the end of its path ("redis" of ".../go-redis/v9"). */
function qualify(path: string, text: string): string {
  return path === "" || text.startsWith(`${path}.`) ? text : path + text.slice(text.indexOf("."));
}

/** Full name of what is left when all leading pointers are taken away. */
export function pointedName(types: Descriptors, address: number): string {
  let target = address;
  for (let depth = 0; depth < maxDepth && isPointer(types, target); depth++) target = types.elem(target);
  return fullName(types, target);
}

function isPointer(types: Descriptors, address: number): boolean {
  return types.kind(address) === Kind.pointer && !types.isNamed(address);
}
