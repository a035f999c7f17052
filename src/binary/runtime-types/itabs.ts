import { BadBinary, bounded } from "../bad-binary.ts";
import { offsetsOf } from "../go-facts/fact.ts";
import { itab } from "../go-facts/itab.ts";
import * as values from "../go-facts/values.ts";
import type { Moduledata, Slice } from "../moduledata.ts";
import type { Itab } from "../types.ts";
import type { Descriptors } from "./descriptor.ts";

const { Inter, Type, Fun } = offsetsOf(itab);
const pointerSize = values.pointerSize.value;

/** 8,000 are in a 95 MB program. */
const maxItabs = 250_000;

type NameAt = (address: number) => string | undefined;

/** The itabs that the linker made. They are as many as 8,000, so nothing is made of those that nobody asks for. */
export class Itabs {
  readonly #types: Descriptors;
  readonly #nameAt: NameAt;
  readonly #moduledata: Moduledata;
  #addressesByInterface: ReadonlyMap<string, readonly number[]> | undefined;

  constructor(types: Descriptors, moduledata: Moduledata, nameAt: NameAt) {
    this.#types = types;
    this.#moduledata = moduledata;
    this.#nameAt = nameAt;
  }

  all(): readonly Itab[] {
    return [...addresses(this.#types, this.#moduledata)].map((address) => this.#itab(address));
  }

  /** Those of the interface of this full name. */
  of(interfaceName: string): readonly Itab[] {
    this.#addressesByInterface ??= this.#groupByInterface();
    return (this.#addressesByInterface.get(interfaceName) ?? []).map((address) => this.#itab(address));
  }

  /** A name is read when it is asked for, as most are of no interest; "" stands for one that can't be read. */
  #itab(address: number): Itab {
    const { memory } = this.#types;
    const nameAt = this.#nameAt;
    const [interfaceType, concreteType] = [memory.pointer(address + Inter), memory.pointer(address + Type)];
    return {
      address,
      concreteType,
      get interfaceName() {
        return nameAt(interfaceType) ?? "";
      },
      get concreteName() {
        return nameAt(concreteType) ?? "";
      },
    };
  }

  /**
   * The interfaces are looked at in the order of their names in the file, so that each page is read once: in any other
   * order, 8,000 itabs of a 95 MB program cost 150 MB of reading.
   */
  #groupByInterface(): ReadonlyMap<string, readonly number[]> {
    const types = this.#types;
    const groups = new Map<number, number[]>();
    for (const address of addresses(types, this.#moduledata)) {
      const type = types.memory.pointer(address + Inter);
      const group = groups.get(type);
      if (group) group.push(address);
      else groups.set(type, [address]);
    }
    const inOrder = [...groups.keys()]
      .filter((type) => types.holds(type))
      .sort((a, b) => a - b)
      .map((type) => ({ type, nameOffset: types.nameOffset(type) }))
      .sort((a, b) => a.nameOffset - b.nameOffset);
    return new Map(inOrder.map(({ type }) => [this.#nameAt(type) ?? "", groups.get(type) ?? []]));
  }
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
  bounded(length, maxItabs, "the number of itabs");
  for (let i = 0; i < length; i++) yield memory.pointer(address + i * pointerSize);
}

/** From Go 1.27 on they lie one after the other, each as long as its interface has methods. */
function* sideBySide(types: Descriptors, { address, length }: Slice): Generator<number> {
  if (length > 0 && types.memory.offsetOf(address, length) === undefined) {
    throw new BadBinary("its itabs are outside the file");
  }
  let count = 0;
  for (let at = address; at + Fun + pointerSize <= address + length; ) {
    bounded(++count, maxItabs, "the number of itabs");
    yield at;
    const methods = types.methods(types.check(types.memory.pointer(at + Inter))).length;
    // The first method of a type that lacks some is nil; the others aren't there.
    const implemented = types.memory.pointer(at + Fun) !== 0;
    at += Fun + pointerSize * (implemented ? methods : 1);
  }
}
