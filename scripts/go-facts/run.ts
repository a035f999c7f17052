import type { Architecture } from "../../src/binary/types.ts";
import type { Place } from "../go-layout/go-layout.ts";
import { absent, type Statement, sourceOf, statements } from "./check.ts";
import type { Fact } from "./facts.ts";
import { readSources } from "./sources.ts";
import { toolchain } from "./toolchains.ts";

/** A statement, held against one release on one architecture; it holds when both texts are the same. */
export interface Result extends Pick<Statement, "name" | "written" | "found" | "place"> {
  readonly version: string;
  readonly goarch: Architecture;
}

const architectures = ["amd64", "arm64"] as const;

type Facts = ReadonlyMap<string, Fact>;

/** All that the facts say of a release. */
export async function checkRelease(version: string, facts: Facts): Promise<Result[]> {
  return (await statementsAt(version, facts)).map(({ source, ...statement }) => statement);
}

/** Whether the lines that facts name, of these releases, are where the release says what the fact says. */
export async function checkLines(facts: Facts, versions: Iterable<string>): Promise<Result[]> {
  const results: Result[] = [];
  for (const release of versions) {
    for (const { name, version, goarch, source, place } of await statementsAt(release, facts)) {
      if (source.release !== `go${release}`) continue;
      results.push({
        name,
        version,
        goarch,
        written: lineOf(source),
        found: place ? lineOf(place) : absent,
        place,
      });
    }
  }
  return results;
}

/** The versions that the facts' lines are of. */
export function versionsOfLines(facts: Facts): Set<string> {
  const sources = [...facts.values()].flatMap((fact) => [
    sourceOf(fact),
    ...("struct" in fact ? Object.values(fact.fields).map((field) => sourceOf({ ...fact, ...field })) : []),
  ]);
  return new Set(sources.map(({ release }) => release.replace(/^go/, "")));
}

function lineOf({ file, line }: Place): string {
  return `${file}#L${line}`;
}

async function statementsAt(version: string, facts: Facts) {
  const release = await toolchain(version);
  const found: (Statement & { version: string; goarch: Architecture })[] = [];
  for (const goarch of architectures) {
    const sources = await readSources(release, goarch, facts.values());
    for (const [name, fact] of facts)
      for (const statement of statements(name, fact, sources)) found.push({ ...statement, version, goarch });
  }
  return found;
}
