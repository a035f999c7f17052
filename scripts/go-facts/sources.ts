import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Since, type StructFact, valueAt } from "../../src/binary/go-facts/fact.ts";
import type { Architecture } from "../../src/binary/types.ts";
import { goLayout, type LayoutAnswer, type Place, type StructLayout } from "../go-layout/go-layout.ts";
import type { Fact } from "./facts.ts";
import type { Toolchain } from "./toolchains.ts";

/** What one release of Go says on one architecture. */
export interface GoSources {
  readonly toolchain: Toolchain;
  readonly goarch: Architecture;
  struct(name: string): StructLayout | undefined;
  constant(name: string): (Place & { readonly value: string }) | undefined;
  /** The text of a file, if there is one. */
  text(file: string): string | undefined;
}

/** Reads all that the facts ask for, by checking the types of the release's sources. */
export async function readSources(
  toolchain: Toolchain,
  goarch: Architecture,
  facts: Iterable<Fact>,
): Promise<GoSources> {
  const { goroot, minor } = toolchain;
  const structs = new Map<string, string>();
  const constants: string[] = [];
  for (const fact of facts) {
    if ("struct" in fact) structs.set(nameAt(fact.struct, minor), experimentOf(fact, minor));
    else {
      const says = valueAt(fact.says, minor);
      if (typeof says === "string") constants.push(says);
    }
  }
  const answers: LayoutAnswer[] = [];
  for (const experiment of new Set(["", ...structs.values()])) {
    const names = [...structs].filter(([, needs]) => needs === experiment).map(([name]) => name);
    const experiments = experiment === "" ? [] : [experiment];
    answers.push(await goLayout({ goroot, goarch, structs: names, constants, experiments }));
  }
  return {
    toolchain,
    goarch,
    struct: (name) => answers.find(({ structs }) => name in structs)?.structs[name],
    constant: (name) => answers.find(({ constants }) => name in constants)?.constants[name],
    text: (file) => (existsSync(join(goroot, file)) ? readFileSync(join(goroot, file), "utf8") : undefined),
  };
}

/** The name at a minor release; where a table says that there is none, the name that it had nearby. */
export function nameAt(names: Since<string>, minor: number): string {
  const now = valueAt(names, minor);
  if (now !== undefined) return now;
  const all = Object.entries(names).flatMap(([since, name]) =>
    name === null ? [] : [{ since: Number(since), name }],
  );
  const near = all.findLast(({ since }) => since <= minor) ?? all[0];
  if (near === undefined) throw new Error("a fact without any name");
  return near.name;
}

function experimentOf({ experiment }: StructFact, minor: number): string {
  return (experiment && valueAt(experiment, minor)) ?? "";
}
