import { BadBinary } from "./bad-binary.ts";
import type { Descriptors } from "./descriptor.ts";
import { offsetsOf } from "./go-facts/fact.ts";
import { itab } from "./go-facts/itab.ts";
import * as values from "./go-facts/values.ts";
import type { Moduledata, Slice } from "./moduledata.ts";
import type { Itab } from "./types.ts";

const { Inter, Type, Fun } = offsetsOf(itab);
const pointerSize = values.pointerSize.value;

/**
 * All itabs that the linker made. A name is read when it is asked for, as most are of no interest; "" stands for
 * one that can't be read.
 */
export function readItabs(
  types: Descriptors,
  moduledata: Moduledata,
  nameAt: (address: number) => string | undefined,
): readonly Itab[] {
  return [...addresses(types, moduledata)].map((address) => {
    const interfaceType = types.memory.pointer(address + Inter);
    const concreteType = types.memory.pointer(address + Type);
    return {
      address,
      get interfaceName() {
        return nameAt(interfaceType) ?? "";
      },
      get concreteName() {
        return nameAt(concreteType) ?? "";
      },
    };
  });
}

function addresses(types: Descriptors, { itablinks, itabs }: Moduledata): Iterable<number> {
  if (itablinks) return linked(types, itablinks);
  return itabs ? sideBySide(types, itabs) : [];
}

/** Up to Go 1.26 there is a list of pointers. */
function* linked({ memory }: Descriptors, { address, length }: Slice): Generator<number> {
  if (length > 0 && memory.offsetOf(address, length * pointerSize) === undefined) {
    throw new BadBinary("its list of itabs is outside the file");
  }
  for (let i = 0; i < length; i++) yield memory.pointer(address + i * pointerSize);
}

/** From Go 1.27 on they lie one after the other, each as long as its interface has methods. */
function* sideBySide(types: Descriptors, { address, length }: Slice): Generator<number> {
  if (length > 0 && types.memory.offsetOf(address, length) === undefined) {
    throw new BadBinary("its itabs are outside the file");
  }
  for (let at = address; at + Fun + pointerSize <= address + length; ) {
    yield at;
    const methods = types.methods(types.check(types.memory.pointer(at + Inter))).length;
    // The first method of a type that lacks some is nil; the others aren't there.
    const implemented = types.memory.pointer(at + Fun) !== 0;
    at += Fun + pointerSize * (implemented ? methods : 1);
  }
}
