/** Types that a rule declares, for programs that don't tell them. */
import { type GoType, pointerTo, predeclared, sliceOf } from "../../binary/go-type.ts";
import type { GoBinary } from "../../binary/types.ts";

/** Of arrays that a rule may declare; only whether it is one matters, beside its size. */
const maxArray = 1 << 20;

/** Undefined for the name of a type that the program doesn't describe: it must be known to tell how large it is. */
export function declaredType(binary: GoBinary, text: string): GoType | undefined {
  if (text.startsWith("*")) return pointerTo(text, () => declaredType(binary, text.slice(1)));
  if (text.startsWith("[]")) return sliceOf(text, () => declaredType(binary, text.slice(2)));
  const array = /^\[(\d{1,7})\](.+)$/.exec(text);
  if (array) return arrayOf(text, Number(array[1]), declaredType(binary, array[2] ?? ""));
  return predeclared.get(text) ?? binary.types.goType(text);
}

function arrayOf(name: string, length: number, elem: GoType | undefined): GoType | undefined {
  if (elem === undefined || length > maxArray) return undefined;
  return { name, kind: "array", size: length * elem.size, length, elem: () => elem };
}
