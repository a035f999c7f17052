import { sourceBase } from "../../src/binary/go-facts/fact.ts";
import { allFacts } from "./facts.ts";
import { checkLines, checkRelease, type Result, versionsOfLines } from "./run.ts";
import { table } from "./table.ts";
import { newestReleases } from "./toolchains.ts";

const asked = process.argv.slice(2);
const versions = asked.length > 0 ? asked : await newestReleases();
const facts = await allFacts();

const results: Result[] = [];
for (const version of versions) results.push(...(await checkRelease(version, facts)));
const lines = await checkLines(facts, versionsOfLines(facts));
console.log(table(results, versions));

const all = [...results, ...lines];
const wrong = all.filter(({ written, found }) => written !== found);
for (const { name, version, goarch, written, found, place } of wrong) {
  const link = place ? `, ${sourceBase}/go${version}/${place.file}#L${place.line}` : "";
  console.error(`${name}: ${written} is written, ${found} found in Go ${version} on ${goarch}${link}`);
}
const count = new Set(results.map(({ name }) => name)).size;
console.log(
  `${count} facts, ${results.length} checks in ${versions.length} releases, ${lines.length} source lines:`,
  wrong.length === 0 ? "all hold" : `${wrong.length} differ`,
);
process.exitCode = wrong.length === 0 ? 0 : 1;
