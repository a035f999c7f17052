import { isMap, isScalar, isSeq, type Pair, type ParsedNode, type Scalar, type YAMLMap } from "yaml";
import { badReference, shapes, unknownKey, wrongShape } from "../report/config-file.ts";
import { isSection, type KeySection, keyTree } from "./file-keys.ts";
import { isNothing } from "./file-nodes.ts";
import type { FileEntry, FileText } from "./file-settings.ts";
import type { Environment } from "./read.ts";
import { readRules } from "./rules/read.ts";
import type { Setting } from "./setting.ts";
import { similarName } from "./similar.ts";
import { substitute } from "./substitute.ts";
import type { YamlRoot } from "./yaml.ts";

/** A list or map without anything in it, for the settings' parsers: not "nothing was said". */
const nothing = ",";

/** Of a rule for paths. */
const ruleKeys = ["path", "ratio", "drop"];

/** Every setting that the document names, by its key. Throws a UserError (usage) for what is not one. */
export function collectEntries(
  path: string,
  root: YamlRoot,
  environment: Environment,
): ReadonlyMap<string, FileEntry> {
  return new Collector(path, root, environment).collect();
}

class Collector {
  readonly #path: string;
  readonly #root: YamlRoot;
  readonly #environment: Environment;
  readonly #entries = new Map<string, FileEntry>();

  constructor(path: string, root: YamlRoot, environment: Environment) {
    this.#path = path;
    this.#root = root;
    this.#environment = environment;
  }

  collect(): ReadonlyMap<string, FileEntry> {
    this.#section(keyTree(), "", this.#root.node);
    return this.#entries;
  }

  #section(section: KeySection, name: string, node: ParsedNode | null): void {
    if (isNothing(node)) return;
    const valid = [...section.keys.keys()];
    if (!isMap(node)) throw this.#wrong(node, name, shapes.section(valid));
    for (const pair of (node as YAMLMap.Parsed).items) {
      const key = this.#keyOf(pair, name);
      const entry = section.keys.get(key);
      const whole = name === "" ? key : `${name}.${key}`;
      if (entry === undefined)
        throw unknownKey(this.#path, this.#place(pair.key), name, key, valid, similarName(key, valid));
      if (isSection(entry)) this.#section(entry, whole, pair.value);
      else this.#setting(entry, whole, pair.value);
    }
  }

  #setting({ shape = "value" }: Setting, key: string, node: ParsedNode | null): void {
    if (isNothing(node)) return;
    if (shape === "functions") {
      this.#entries.set(key, this.#functions(node));
      return;
    }
    const entry = isScalar(node)
      ? this.#text(key, node)
      : shape === "list" && isSeq(node)
        ? this.#joined(
            node,
            node.items.map((item) => this.#item(key, item as ParsedNode)),
          )
        : shape === "map" && isMap(node)
          ? this.#joined(
              node,
              (node as YAMLMap.Parsed).items.map((pair) => this.#named(key, pair)),
            )
          : shape === "rules" && isSeq(node)
            ? this.#joined(
                node,
                node.items.map((item) => this.#rule(key, item as ParsedNode)),
              )
            : undefined;
    if (entry === undefined) throw this.#wrong(node, key, shapes[shape]);
    // A variable that is empty, or not there, says nothing.
    if (entry.text !== "" || entry.shown === "") this.#entries.set(key, entry);
  }

  #joined(node: ParsedNode, parts: readonly FileText[]): FileEntry {
    const join = (texts: readonly string[]) => texts.filter((text) => text !== "").join(",") || nothing;
    return {
      text: join(parts.map(({ text }) => text)),
      shown: join(parts.map(({ shown }) => shown)),
      parts,
      ...this.#place(node),
    };
  }

  #item(key: string, node: ParsedNode): FileText {
    if (isScalar(node)) return this.#text(key, node);
    throw this.#wrong(node, `an item of ${key}`, shapes.text);
  }

  /** A pair as in a variable: "name=value", percent-encoded. */
  #named(key: string, pair: Pair<ParsedNode, ParsedNode | null>): FileText {
    const name = this.#keyOf(pair, key);
    const place = this.#place(pair.value ?? pair.key);
    if (pair.value !== null && !isScalar(pair.value))
      throw this.#wrong(pair.value, `${key}.${name}`, shapes.text);
    const { text, shown } = pair.value ? this.#text(`${key}.${name}`, pair.value) : { text: "", shown: "" };
    const encoded = `${encode(name)}=${encode(text)}`;
    return { text: encoded, shown: `${name}: ${shown}`, ...place };
  }

  /** {path: /api/*, ratio: 0.1} as in a variable: "/api/*=0.1". */
  #rule(key: string, node: ParsedNode): FileText {
    if (isScalar(node)) return this.#text(key, node);
    if (!isMap(node)) throw this.#wrong(node, `an item of ${key}`, shapes.rules);
    const words = new Map<string, FileText>();
    for (const pair of (node as YAMLMap.Parsed).items) {
      const name = this.#keyOf(pair, `an item of ${key}`);
      if (!ruleKeys.includes(name))
        throw unknownKey(this.#path, this.#place(pair.key), key, name, ruleKeys, similarName(name, ruleKeys));
      if (!isScalar(pair.value)) throw this.#wrong(pair.value ?? pair.key, `${key}.${name}`, shapes.text);
      words.set(name, this.#text(`${key}.${name}`, pair.value));
    }
    const [path, ratio, drop] = ruleKeys.map((name) => words.get(name));
    const share = ratio && !drop ? ratio.text : !ratio && drop?.text === "true" ? "0" : undefined;
    // The comma is what stands between two rules in a variable.
    if (path?.text.includes(",")) throw wrongShape(this.#path, path, `${key}.path`, shapes.path);
    if (!path || share === undefined) throw this.#wrong(node, `an item of ${key}`, shapes.rules);
    return { ...path, text: `${path.text}=${share}`, shown: `${path.shown}=${ratio?.shown ?? share}` };
  }

  /** What `parseRules` reads again. */
  #functions(node: ParsedNode): FileEntry {
    const about = { path: this.#path, root: this.#root, environment: this.#environment };
    const text = JSON.stringify(readRules(about, node));
    return { text, shown: text, ...this.#place(node) };
  }

  #text(key: string, node: Scalar): FileText {
    const shown = String(node.value);
    const text = substitute(shown, this.#environment);
    if (text === undefined) throw badReference(this.#path, this.#place(node), key);
    return { text, shown, ...this.#place(node) };
  }

  #keyOf({ key }: Pair<ParsedNode, ParsedNode | null>, section: string): string {
    if (isScalar(key)) return String(key.value);
    throw this.#wrong(key, `a key of ${section || "a config file"}`, shapes.text);
  }

  #wrong(node: ParsedNode | null, key: string, valid: string): Error {
    return wrongShape(this.#path, this.#place(node), key, valid);
  }

  #place(node: { readonly range?: readonly number[] | null | undefined } | null) {
    return this.#root.placeOf(node?.range?.[0] ?? 0);
  }
}

function encode(text: string): string {
  // "\\ud800" between quotes would be half a character.
  return encodeURIComponent(text.replace(/\p{Cs}/gu, "\ufffd"));
}
