/** Where a program keeps the pointer to a boolean that it gives to one of its functions: Library.switches. */
import type { Architecture, GoBinary, GoFunction } from "../binary/types.ts";
import type { Library, SwitchSpec } from "../libraries/descriptor.ts";
import { planReasons } from "../report/plan.ts";
import { type DecodedFunction, decodeFunction } from "./site-function.ts";

export interface PlannedSwitches {
  /** Of the variables, in the file. */
  readonly addresses: readonly number[];
  readonly without: readonly string[];
}

/** A switch whose functions the program doesn't have is none of its own. */
export function planSwitches(binary: GoBinary, { switches = [] }: Library): PlannedSwitches {
  const own = switches.filter((spec) => isOwn(binary, spec));
  const found = own.map((spec) => ({ spec, address: addressOf(binary, spec) }));
  return {
    addresses: found.flatMap(({ address }) => address ?? []),
    without: found.flatMap(({ spec, address }) =>
      address === undefined ? [planReasons.noSwitch(spec.variable)] : [],
    ),
  };
}

function isOwn({ functions }: GoBinary, { callee, inlinedWith, unless }: SwitchSpec): boolean {
  const has = (name?: string) => name !== undefined && functions.find(name).length > 0;
  return (has(callee) || has(inlinedWith)) && !has(unless);
}

/** By its symbol, or by the code that loads it. Undefined when two places say two things. */
function addressOf(binary: GoBinary, spec: SwitchSpec): number | undefined {
  const symbols = binary.symbols(spec.variable);
  const found = new Set(
    symbols.length > 0
      ? symbols.map(({ address }) => address)
      : binary.functions.find(spec.function).flatMap((fn) => loadedIn(binary, fn, spec)),
  );
  return found.size === 1 ? [...found][0] : undefined;
}

function loadedIn(binary: GoBinary, fn: GoFunction, { callee }: SwitchSpec): readonly number[] {
  const decoded = decodeFunction(binary, fn);
  if ("reason" in decoded) return [];
  const targets = new Set(binary.functions.find(callee).map(({ address }) => address));
  return targets.size === 0 ? firstLoad(decoded) : loadedFor(decoded, targets);
}

function firstLoad(decoded: DecodedFunction): readonly number[] {
  const all = decoded.instructions.map((_, index) => loads[decoded.arch](decoded, index));
  return all.filter((address) => address !== undefined).slice(0, 1);
}

/** Of each call of one of `targets`: the last global variable whose word is loaded before it. */
function loadedFor(decoded: DecodedFunction, targets: ReadonlySet<number>): readonly number[] {
  return decoded.instructions.flatMap(({ kind, target }, index) => {
    const isCall = (kind === "call" || kind === "jmp") && targets.has(target ?? -1);
    return isCall ? (lastLoad(decoded, index) ?? []) : [];
  });
}

function lastLoad(decoded: DecodedFunction, before: number): number | undefined {
  for (let index = before - 1; index >= 0; index--) {
    const address = loads[decoded.arch](decoded, index);
    if (address !== undefined) return address;
  }
  return undefined;
}

/** The address that the instruction of this index loads a word from, if it is that of a global variable. */
const loads: Readonly<Record<Architecture, (decoded: DecodedFunction, index: number) => number | undefined>> =
  { amd64: loadAmd64, arm64: loadArm64 };

/** MOVQ distance(IP), reg: REX.W, 8B, a ModRM without a base. */
function loadAmd64({ instructions, bytes }: DecodedFunction, index: number): number | undefined {
  const instruction = instructions[index];
  if (instruction?.length !== 7) return undefined;
  const code = bytes(instruction);
  const [rex = 0, opcode, modRM = 0] = code;
  if ((rex & 0xfb) !== 0x48 || opcode !== 0x8b || (modRM & 0xc7) !== 0x05) return undefined;
  return instruction.address + instruction.length + Buffer.from(code).readInt32LE(3);
}

/** ADRP page, base; LDR reg, [base, #offset]: DDI 0487, C6.2. */
function loadArm64({ instructions, bytes }: DecodedFunction, index: number): number | undefined {
  const [page, load] = [instructions[index - 1], instructions[index]];
  if (!page || !load) return undefined;
  const [adrp, ldr] = [page, load].map((each) => Buffer.from(bytes(each)).readUInt32LE()) as [number, number];
  if ((adrp & 0x9f00_0000) >>> 0 !== 0x9000_0000 || (ldr & 0xffc0_0000) >>> 0 !== 0xf940_0000)
    return undefined;
  if ((adrp & 31) !== ((ldr >>> 5) & 31)) return undefined;
  const pages = (((adrp >> 5) & 0x7_ffff) << 2) | ((adrp >> 29) & 3);
  const signed = (pages << 11) >> 11;
  return page.address - (page.address % 4096) + signed * 4096 + ((ldr >>> 10) & 0xfff) * 8;
}
