/** Which functions of a program a rule names. */
import { packageOf } from "../../binary/package-of.ts";
import type { GoBinary, GoFunction } from "../../binary/types.ts";

/** Names as the user writes them: the linker writes dots of a path's last element as %2e. */
export function plainName(name: string): string {
  return name.replace(/%2e/gi, ".");
}

/** Whether the text fits other names than its own. */
export function isPattern(text: string): boolean {
  return text.includes("[...]") || /\*/.test(text.replaceAll("(*", ""));
}

/** "(*" begins a receiver, and is no pattern; "[...]" are any type arguments. */
export function patternOf(text: string): RegExp {
  const parts = text.split(/(\(\*|\[\.\.\.\]|\*)/);
  const source = parts.map((part) => {
    if (part === "[...]") return "\\[.*\\]";
    return part === "*" ? ".*" : part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  });
  return new RegExp(`^${source.join("")}$`, "u");
}

/** Those that the compiler adds: they call a function that is there as well. */
const added = /(-fm|\.gowrap\d+|\.deferwrap\d+|·dwrap·\d+|\.init(\.\d+)?)$/;

/** In the order of their addresses. */
export function functionsOf(binary: GoBinary, text: string): readonly GoFunction[] {
  if (!isPattern(text)) return binary.functions.find(text);
  const pattern = patternOf(text);
  const found: GoFunction[] = [];
  for (const fn of binary.functions.all()) if (pattern.test(plainName(fn.name))) found.push(fn);
  const wrapped = methodsOfValues(binary, found);
  return found.filter(({ name }) => !added.test(name) && !wrapped.has(ofValue(name) ?? ""));
}

/** "main.T.M" of "main.(*T).M": where both are in a program, the second was made by the compiler and calls the first. */
function ofValue(name: string): string | undefined {
  const [, before, type, after] = /^(.*)\(\*([^()]+)\)(.*)$/.exec(name) ?? [];
  return before === undefined ? undefined : `${before}${type}${after}`;
}

/** Those beside methods of pointers, also such as are inlined wherever they are called. */
function methodsOfValues(binary: GoBinary, found: readonly GoFunction[]): ReadonlySet<string> {
  const possible = new Set(found.flatMap(({ name }) => ofValue(name) ?? []));
  const there = new Set<string>();
  if (possible.size === 0) return there;
  for (const name of binary.functions.allNames()) if (possible.has(name)) there.add(name);
  return there;
}

const mostNear = 3;

/** Names of functions that may have been meant, the nearest first. */
export function nearestNames(binary: GoBinary, text: string): readonly string[] {
  const wanted = plainName(text);
  const path = packageOf(text);
  const last = lastPart(wanted);
  const scored: { readonly name: string; readonly distance: number }[] = [];
  for (const { name } of binary.functions.all()) {
    const isNear = packageOf(name) === path || lastPart(plainName(name)) === last;
    if (!isNear || added.test(name)) continue;
    scored.push({ name: plainName(name), distance: nearness(wanted, plainName(name)) });
  }
  const bound = Math.max(4, wanted.length * 0.6);
  return scored
    .filter((each) => each.distance <= bound)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, mostNear)
    .map(({ name }) => name);
}

/** "Place" of "main.(*OrderService).Place". */
function lastPart(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

/** A receiver or the package's path that was left out counts as one character: "main.Place", "stock.Reserve". */
function nearness(wanted: string, name: string): number {
  return Math.min(distance(wanted, name), 1 + distance(withoutMiddle(wanted), withoutMiddle(name)));
}

/** "stock.Reserve" of "example.com/shop/stock.(*Store).Reserve". */
function withoutMiddle(name: string): string {
  const path = packageOf(name);
  return `${path.slice(path.lastIndexOf("/") + 1)}.${lastPart(name)}`;
}

const longestCompared = 200;

/** How many characters have to be changed, added or taken away: Levenshtein's. */
function distance(one: string, other: string): number {
  const [a, b] = [one.slice(0, longestCompared), other.slice(0, longestCompared)];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Packages that run where a probe may not, or far too often: below the scheduler and in every instruction's way. */
const untouchable =
  /^(runtime|runtime\/internal\/.*|internal\/runtime\/.*|internal\/(abi|bytealg|cpu|race|reflectlite)|sync\/atomic|syscall)$/;

export function isUntouchable({ name }: GoFunction): boolean {
  return untouchable.test(packageOf(name));
}
