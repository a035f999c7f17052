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
      interfaceType,
      get interfaceName() {
        return nameAt(interfaceType) ?? "";
      },
      get concreteName() {
        return nameAt(concreteType) ?? "";
      },
    };
  });
}

/**
 * The itabs by the full name of their interface. The interfaces are looked at in the order of their names in the file,
 * so that each page is read once: in any other order, 8,000 itabs of a 95 MB program cost 150 MB of reading.
 */
export function groupByInterface(
  types: Descriptors,
  itabs: readonly Itab[],
  nameAt: (address: number) => string | undefined,
): ReadonlyMap<string, readonly Itab[]> {
  const groups = new Map<number, Itab[]>();
  for (const itab of itabs) {
    const group = groups.get(itab.interfaceType);
    if (group) group.push(itab);
    else groups.set(itab.interfaceType, [itab]);
  }
  const named = [...groups]
    .filter(([type]) => types.holds(type))
    .sort(([a], [b]) => a - b)
    .map(([type, group]) => ({ type, group, nameOffset: types.nameOffset(type) }))
    .sort((a, b) => a.nameOffset - b.nameOffset);
  return new Map(named.map(({ type, group }) => [nameAt(type) ?? "", group]));
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
