import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { StructFact, ValueFact } from "../../src/binary/go-facts/fact.ts";
import { filesBelow } from "../files.ts";

export type Fact = StructFact | ValueFact;

const folder = join(import.meta.dirname, "../../src/binary/go-facts");

/** Every fact that a file of src/binary/go-facts exports, by its name: "moduledata", "kinds.array". */
export async function allFacts(): Promise<Map<string, Fact>> {
  const facts = new Map<string, Fact>();
  for (const file of filesBelow(folder, ".ts")) {
    collect(facts, [basename(file, ".ts")], await import(pathToFileURL(file).href));
  }
  return facts;
}

function collect(facts: Map<string, Fact>, path: readonly string[], value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  if (isFact(value)) facts.set(path.join("."), value);
  else
    for (const [key, inner] of Object.entries(value))
      collect(facts, key === path.at(-1) ? path : [...path, key], inner);
}

function isFact(value: object): value is Fact {
  return "file" in value && ("struct" in value || "says" in value);
}
