// https://yaml.org/spec/1.2.2/

import {
  type Document,
  isCollection,
  Lexer,
  LineCounter,
  type ParsedNode,
  Parser,
  parseDocument,
  visit,
} from "yaml";
import { notYaml, yamlFaults } from "../report/config-file.ts";

/** Of sections and lists in each other; the settings need four. Parsing is recursive, and deep nesting ends it. */
const maxDepth = 32;

/** Words and signs: some 5,000 lines. Looking for keys that are there twice takes quadratic time. */
const maxTokens = 50_000;

/** Line and column of an offset, from 1. */
export type PlaceOf = (offset: number) => { readonly line: number; readonly column: number };

export interface YamlRoot {
  /** Null: there is nothing in the file but comments. */
  readonly node: ParsedNode | null;
  readonly placeOf: PlaceOf;
}

/**
 * A YAML document whose scalars are texts as they stand there, without tags, anchors and aliases.
 * @throws UserError (usage) that names the place of the first fault; `path` is for messages
 */
export function parseYaml(path: string, text: string): YamlRoot {
  refuseExcess(path, text);
  const lineCounter = new LineCounter();
  const placeOf = placesOf(lineCounter);
  const document = parseDocument(text, { schema: "failsafe", prettyErrors: false, lineCounter });
  const [fault] = document.errors;
  if (fault) {
    const isOpen = ["MISSING_CHAR", "BAD_INDENT"].includes(fault.code);
    const at = (isOpen ? unclosed(text, document) : undefined) ?? fault.pos[0];
    throw notYaml(path, placeOf(at), yamlFaults.syntax(fault.code, fault.message));
  }
  refuseUnwanted(path, document, placeOf);
  return { node: document.contents, placeOf };
}

/** Looked for without recursion, before anything else is done with the text. */
function refuseExcess(path: string, text: string): void {
  const lines = new LineCounter();
  lines.addNewLine(0);
  const parser = new Parser(lines.addNewLine);
  let tokens = 0;
  for (const word of new Lexer().lex(text)) {
    // Reading what it yields is what makes it go on.
    for (const _ of parser.next(word));
    const what =
      parser.stack.length > 2 * maxDepth
        ? yamlFaults.tooDeep
        : ++tokens > maxTokens
          ? yamlFaults.tooLong
          : undefined;
    if (what) throw notYaml(path, placesOf(lines)(parser.offset), what);
  }
}

const closed = /[\]}"']$/;

/** Offset of the innermost bracket or quote that nothing closes: the parser tells where it gave up, often a line later. */
function unclosed(text: string, document: Document.Parsed): number | undefined {
  let found: number | undefined;
  visit(document, {
    Value: (_, node) => {
      const opens = isCollection(node) ? node.flow : String(node.type).startsWith("QUOTE");
      const [start, end] = node.range ?? [0, 0];
      const isClosed = end - start > 1 && closed.test(text.slice(start, end));
      if (opens && !isClosed) found = start;
    },
  });
  return found;
}

function refuseUnwanted(path: string, document: Document.Parsed, placeOf: PlaceOf): void {
  const fail = (range: readonly number[] | null | undefined, what: string) =>
    notYaml(path, placeOf(range?.[0] ?? 0), what);
  visit(document, {
    Alias: (_, { range }) => {
      throw fail(range, yamlFaults.anchor);
    },
    Value: (_, { range, tag, anchor }) => {
      if (tag !== undefined) throw fail(range, yamlFaults.tag);
      if (anchor) throw fail(range, yamlFaults.anchor);
    },
  });
}

function placesOf(lines: LineCounter): PlaceOf {
  return (offset) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
}
