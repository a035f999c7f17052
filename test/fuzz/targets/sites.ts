// Where probes go, in functions whose code is broken.
import { openGoBinary } from "../../../src/binary/index.ts";
import { decodeAll } from "../../../src/binary/instructions/index.ts";
import type { GoBinary, GoFunction } from "../../../src/binary/types.ts";
import { library } from "../../../src/libraries/net/http/server/index.ts";
import { type FunctionSite, findSite } from "../../../src/plan/site.ts";
import { findReturnSite } from "../../../src/plan/site-return.ts";
import { bufferSubject, type Subject, type Target } from "../support/target.ts";

export const target: Target = {
  name: "sites",
  isRefusal: () => false,
  subjects: ({ servers }) => servers.flatMap(ofProgram),
};

function ofProgram(path: string): Subject[] {
  const binary = openGoBinary(path);
  const entries = library.probes.flatMap(({ site }) => {
    if (site.at === "return" || site.at === "calls") return [];
    const names = site.at === "call" ? [site.function] : site.functions;
    const [fn] = names.flatMap((name) => binary.functions.find(name));
    return fn ? [ofSite(binary, fn, site)] : [];
  });
  return [...entries, ...binary.functions.find("net/http.send").map((fn) => ofReturns(binary, fn))];
}

/** Every return address of a function, and those that are none. */
function ofReturns(binary: GoBinary, fn: GoFunction): Subject {
  const { instructions } = decodeAll(binary.code(fn), fn.address, binary.arch);
  const addresses = instructions.flatMap(({ kind, address, length }) =>
    kind.startsWith("call") ? [address + length, address + length + 1] : [],
  );
  return bufferSubject(Buffer.from(binary.code(fn)), (code) => {
    const broken: GoBinary = Object.create(binary, { code: { value: () => code } });
    for (const returnAddress of addresses) {
      const found = findReturnSite(broken, returnAddress, { results: 3 });
      if (found.kind !== "site") continue;
      const { address, instruction } = found.site;
      const inside = address >= returnAddress && address + instruction.length <= fn.address + code.length;
      if (!inside || !instruction.emulated) throw new Error(`a probe at ${address} behind ${returnAddress}`);
    }
  });
}

function ofSite(binary: GoBinary, fn: GoFunction, site: FunctionSite): Subject {
  return bufferSubject(Buffer.from(binary.code(fn)), (code) => {
    // A function that is cut off is shorter for the function table too.
    const broken: GoBinary = Object.create(binary, { code: { value: () => code } });
    const found = findSite(broken, site);
    if ("reason" in found) return;
    for (const { address, instruction } of found.addresses) {
      const inside = address >= fn.address && address + instruction.length <= fn.address + code.length;
      if (!inside || !instruction.emulated) throw new Error(`a probe at ${address} of ${fn.name}`);
    }
  });
}
