/** Reads sections of the config file that are no settings, and tells where in it what stands. */
import { isMap, isScalar, isSeq, type ParsedNode, type YAMLMap } from "yaml";
import {
  badReference,
  badRuleValue,
  missingKey,
  shapes,
  unknownKey,
  wrongShape,
} from "../../report/config-file.ts";
import { isNothing } from "../file-nodes.ts";
import type { Environment } from "../read.ts";
import { similarName } from "../similar.ts";
import { substitute } from "../substitute.ts";
import { InvalidValue, type Parser } from "../values.ts";
import type { YamlRoot } from "../yaml.ts";

export interface Surroundings {
  readonly path: string;
  readonly root: YamlRoot;
  readonly environment: Environment;
}

/** Names with their values. Every method throws a UserError (usage) that names line and column. */
export class Section {
  readonly #about: Surroundings;
  readonly #node: ParsedNode;
  readonly #values = new Map<string, ParsedNode>();
  /** For messages: "a rule". */
  readonly name: string;

  constructor(about: Surroundings, node: ParsedNode | null, name: string, keys: readonly string[]) {
    this.#about = about;
    this.name = name;
    if (!isMap(node)) throw wrongShape(about.path, placeOf(about, node), name, shapes.section(keys));
    this.#node = node;
    for (const { key, value } of (node as YAMLMap.Parsed).items) {
      const word = isScalar(key) ? String(key.value) : "";
      if (!keys.includes(word))
        throw unknownKey(about.path, placeOf(about, key), name, word, keys, similarName(word, keys));
      if (!isNothing(value)) this.#values.set(word, value);
    }
  }

  get line(): number {
    return placeOf(this.#about, this.#node).line;
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  value<T>(key: string, parse: Parser<T>): T | undefined {
    const node = this.#values.get(key);
    return node && this.#parse(node, `${key} of ${this.name}`, parse);
  }

  required<T>(key: string, parse: Parser<T>): T {
    const value = this.value(key, parse);
    if (value === undefined) throw this.wrong(`${this.name} has no ${key}`, `${this.name} with ${key}`);
    return value;
  }

  list<T>(key: string, parse: Parser<T>): readonly T[] | undefined {
    const items = this.#items(key, shapes.values);
    return items?.map((item) => this.#parse(item, `an item of ${key}`, parse));
  }

  section(key: string, keys: readonly string[]): Section | undefined {
    const node = this.#values.get(key);
    return node && new Section(this.#about, node, `${key} of ${this.name}`, keys);
  }

  sections(key: string, name: string, keys: readonly string[]): readonly Section[] {
    const items = this.#items(key, `a list of sections with keys of these: ${keys.join(", ")}`) ?? [];
    return items.map((item) => new Section(this.#about, item, name, keys));
  }

  /** An error at this section, or at the value of one of its keys. */
  wrong(what: string, valid: string, key?: string): Error {
    const node = (key && this.#values.get(key)) || this.#node;
    return missingKey(this.#about.path, placeOf(this.#about, node), what, valid);
  }

  #items(key: string, shape: string): readonly ParsedNode[] | undefined {
    const node = this.#values.get(key);
    if (node === undefined) return undefined;
    if (!isSeq(node))
      throw wrongShape(this.#about.path, placeOf(this.#about, node), `${key} of ${this.name}`, shape);
    return node.items as ParsedNode[];
  }

  #parse<T>(node: ParsedNode, name: string, parse: Parser<T>): T {
    const { path, environment } = this.#about;
    const place = placeOf(this.#about, node);
    if (!isScalar(node)) throw wrongShape(path, place, name, shapes.text);
    const shown = String(node.value);
    const text = substitute(shown, environment);
    if (text === undefined) throw badReference(path, place, name);
    try {
      return parse(text.trim());
    } catch (error) {
      if (error instanceof InvalidValue) throw badRuleValue(path, place, name, shown, error.valid);
      throw error;
    }
  }
}

export function placeOf({ root }: Surroundings, node: { readonly range?: readonly number[] | null } | null) {
  return root.placeOf(node?.range?.[0] ?? 0);
}
