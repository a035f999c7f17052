import { log } from "../report/log.ts";
import { BadBinary } from "./bad-binary.ts";
import { releasesOf } from "./go-facts/fact.ts";
import * as facts from "./go-facts/moduledata.ts";
import type { Memory } from "./memory.ts";
import { type Moduledata, readModuledata } from "./moduledata.ts";
import { Descriptors } from "./runtime-types/descriptor.ts";
import { openTypelinks } from "./runtime-types/typelinks.ts";

/** Minor releases of Go 1 with which the module data changed, oldest first. */
const changes = [...new Set(Object.values(facts.moduledata.fields).flatMap(({ at }) => releasesOf(at)))].sort(
  (a, b) => a - b,
);
/** From here on nothing else that is read of types depends on the release. */
const oldestGuess = 20;

export interface Layouts {
  readonly moduledata: Moduledata;
  readonly descriptors: Descriptors;
}

/**
 * Reads the module data as the release does that the program says it was built with, and the newest known one where
 * that is newer. A build from Go's own repository can say one release and be laid out as the one before it: where
 * nothing fits, the other recent layouts are tried. Throws BadBinary when none fits.
 */
export function readLayouts(memory: Memory, address: number, minor: number): Layouts {
  const others = changes.filter((change) => change > oldestGuess).map((change) => change - 1);
  const newest = changes.at(-1) ?? minor;
  let refusal: unknown;
  for (const release of new Set([minor, newest, ...others.reverse()])) {
    try {
      const layouts = attempt(memory, address, release);
      if (release !== minor) log.debug(`laid out as Go 1.${release}, though it says 1.${minor}`);
      return layouts;
    } catch (error) {
      if (!(error instanceof BadBinary)) throw error;
      refusal ??= error;
    }
  }
  throw minor > newest ? new UnknownLayout() : refusal;
}

/** A release newer than those known here has moved what the runtime says of the program. */
export class UnknownLayout extends BadBinary {
  constructor() {
    super("its module data isn't laid out as in any known release of Go");
  }
}

function attempt(memory: Memory, address: number, release: number): Layouts {
  const moduledata = readModuledata(memory, address, release);
  const descriptors = new Descriptors(memory, moduledata, release);
  for (const type of someTypes(descriptors, moduledata)) {
    if (!/^[\x20-\x7e]+/.test(descriptors.text(type)))
      throw new BadBinary("the names of its types are wrong");
  }
  return { moduledata, descriptors };
}

function someTypes(types: Descriptors, { typelinks, typeDescriptors }: Moduledata): readonly number[] {
  if (!typelinks) return typeDescriptors ? [types.check(typeDescriptors.address)] : [];
  const links = openTypelinks(types, typelinks);
  const last = links.length - 1;
  return links.length === 0 ? [] : [0, last >>> 1, last].map((index) => links.at(index));
}
