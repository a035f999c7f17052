/** Parameters and results of functions: DWARF 5, 3.3, https://dwarfstd.org/doc/DWARF5.pdf */
import type { GoType } from "../go-type.ts";
import type { DebugParameter, DebugSignature } from "../types.ts";
import { Budget, Cursor } from "./cursor.ts";
import { attribute, homeOf, nameOf, numberOf, open, readAbbreviation, referenceOf, tag } from "./entries.ts";
import { skipValue } from "./forms.ts";
import { childrenOf, type DebugGoTypes } from "./go-types.ts";
import { asBuffer, type Sections } from "./strings.ts";
import type { Unit } from "./units.ts";

/** Functions of one package, and those inlined into them. The largest package of the standard library has 5,000. */
const maxFunctions = 200_000;
const addressForm = 0x01;
/** Where a unit's addresses start when it doesn't say: behind the header of the first table. */
const firstAddress = 8;
const addressSize = 8;

/** Of one package: by their addresses, and the names of those that are inlined wherever they are called. */
export interface DebugFunctions {
  readonly byAddress: ReadonlyMap<number, number>;
  readonly byName: ReadonlyMap<string, readonly number[]>;
  readonly inlined: ReadonlySet<string>;
}

export function indexFunctions(unit: Unit, sections: Sections): DebugFunctions {
  const byAddress = new Map<number, number>();
  const byName = new Map<string, number[]>();
  const abstract = new Set<string>();
  const concrete = new Set<string>();
  for (const at of subprograms(unit)) {
    const origin = originOf(unit, at);
    const name = nameOf(origin.unit, origin.at, sections) ?? "";
    if (numberOf(unit, at, attribute.inline) !== undefined) {
      abstract.add(name);
      continue;
    }
    concrete.add(name);
    const address = addressOf(unit, at, sections);
    if (address !== undefined) byAddress.set(address, at);
    byName.set(name, [...(byName.get(name) ?? []), at]);
  }
  return { byAddress, byName, inlined: new Set([...abstract].filter((name) => !concrete.has(name))) };
}

/** Throws BadBinary. */
export function readSignature(
  unit: Unit,
  at: number,
  types: DebugGoTypes,
  sections: Sections,
): DebugSignature | undefined {
  const { unit: home, at: origin } = originOf(unit, at);
  const parameters: DebugParameter[] = [];
  const results: DebugParameter[] = [];
  for (const child of childrenOf(home, origin, tag.formalParameter)) {
    const type: GoType | undefined = types.at(referenceOf(home, child, attribute.type));
    if (type === undefined) return undefined;
    const isResult = numberOf(home, child, attribute.variableParameter) === 1;
    const name = nameOf(home, child, sections) ?? "";
    const list = isResult ? results : parameters;
    // One that a function literal writes to stands there twice: where it is passed, and where it was moved to.
    if (name === "" || name === "_" || !list.some((other) => other.name === name)) list.push({ name, type });
  }
  return { parameters, results };
}

/** Where name and parameters of a function stand: apart from its code when it is inlined elsewhere. */
function originOf(unit: Unit, at: number): { readonly unit: Unit; readonly at: number } {
  return homeOf([unit], referenceOf(unit, at, attribute.abstractOrigin)) ?? { unit, at };
}

function* subprograms(unit: Unit): Generator<number> {
  const cursor = new Cursor(unit.bytes, unit.firstEntry);
  const room = new Budget(maxFunctions, "functions of one package");
  for (let depth = 0; cursor.at < unit.bytes.length; ) {
    const start = cursor.at;
    const abbreviation = readAbbreviation(cursor, unit);
    if (!abbreviation) {
      depth--;
      if (depth <= 0) return;
      continue;
    }
    if (depth === 1 && abbreviation.tag === tag.subprogram) {
      room.take(1);
      yield start;
    }
    for (const skip of abbreviation.skips) skipValue(cursor, skip);
    if (abbreviation.hasChildren) depth++;
    else if (depth === 0) return;
  }
}

/** As it stands there, or from Go 1.25 on by its place among the unit's addresses. */
function addressOf(unit: Unit, at: number, sections: Sections): number | undefined {
  const value = numberOf(unit, at, attribute.lowPc);
  const form = open(unit, at).abbreviation.attributes.find(({ name }) => name === attribute.lowPc)?.form;
  if (value === undefined || form === addressForm) return value;
  const addresses = sections(".debug_addr");
  const base = numberOf(unit, unit.firstEntry, attribute.addressBase) ?? firstAddress;
  return addresses && new Cursor(asBuffer(addresses), base + value * addressSize).u64();
}
