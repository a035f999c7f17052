import { readFileSync } from "node:fs";
import coerce from "semver/functions/coerce.js";
import { parse } from "yaml";
import { type Facts, fill } from "./cases.ts";
import type { PlannedRequest } from "./client.ts";
import type { ReceivedSpan, Value } from "./collector.ts";

/**
 * An end-to-end case about several spans of a trace: requests to a traced program, sent one after another over one
 * connection, and all spans that come of them, as trees.
 *
 * Each request gets the query parameter `case=${mark}`, which is different for each case and each of its copies. What
 * the program does must carry the mark, or the client's address, into some attribute of each trace that it makes: that
 * is how traces are found. Paths may hold ${mark}, ${from} (that address) and ${trace} (an id of a trace, another way to
 * find it).
 * Texts may hold ${mark}, ${path} and ${query} of the first request, ${serverAddress}, ${serverPort},
 * ${clientAddress}, ${clientPort}, and what the run adds; a value that is nothing but one of them keeps its type.
 */
export interface TreeCase {
  readonly name: string;
  /** Minor release of Go 1 that has what the case is about. */
  readonly since: number;
  /** First version of a library that has it; "0.0.0" for every one. */
  readonly library: string;
  readonly requests: readonly PlannedRequest[];
  /** How many clients do the same at the same time, each over a connection of its own. */
  readonly copies: number;
  /** It is done once before, and what came of it left out: callers that the agent has to learn. */
  readonly learns: boolean;
  /** The roots of all traces, in any order. */
  readonly expect: readonly ExpectedTree[];
}

/** What stands in `expect`, laid over the file's defaults for its kind. */
export interface ExpectedTree {
  readonly name: string;
  readonly kind: string;
  readonly status: string;
  /** Of the status; "" for none. */
  readonly message: string;
  /** Name of the instrumentation scope. */
  readonly scope: string;
  /** Span id that the root's parent has, elsewhere; "" for none. Children have their parent's. */
  readonly parent?: string;
  readonly attributes: Readonly<Record<string, Value>>;
  /** In any order. */
  readonly children: readonly ExpectedTree[];
}

/** As it is written: a defaults' name, or "server" or "client" by its kind, is laid under it. */
interface WrittenTree extends Partial<Omit<ExpectedTree, "children">> {
  readonly like?: string;
  /** So many of them. */
  readonly times?: number;
  readonly children?: readonly WrittenTree[];
}

interface WrittenCase {
  readonly name: string;
  readonly since?: string;
  readonly library?: string;
  readonly request: PlannedRequest | readonly PlannedRequest[];
  readonly copies?: number;
  readonly learns?: boolean;
  readonly expect: readonly WrittenTree[];
}

type Defaults = Readonly<Record<string, WrittenTree>>;

export function readTreeCases(path: string): readonly TreeCase[] {
  const file = parse(readFileSync(path, "utf8"), { merge: true }) as {
    defaults: Defaults;
    cases: readonly WrittenCase[];
  };
  return file.cases.map(({ name, since, library, request, copies = 1, learns = false, expect }) => ({
    name,
    since: Number(since?.split(".")[1] ?? 0),
    library: coerce(library ?? "0")?.version ?? "0.0.0",
    requests: [request].flat() as PlannedRequest[],
    copies,
    learns,
    expect: expect.flatMap((tree) => laidOver(file.defaults, tree)),
  }));
}

function laidOver(defaults: Defaults, tree: WrittenTree): ExpectedTree[] {
  const { like = "server", times = 1, children = [], ...own } = tree;
  const base = defaults[like];
  if (base === undefined) throw new Error(`no defaults for "${like}"`);
  const attributes = Object.entries({ ...base.attributes, ...own.attributes });
  const whole = {
    status: "unset",
    message: "",
    ...base,
    ...own,
    attributes: Object.fromEntries(attributes.filter(([, value]) => value !== "absent")),
    children: children.flatMap((child) => laidOver(defaults, child)),
  } as ExpectedTree;
  return Array.from({ length: times }, () => whole);
}

/** The expected trees of one copy, in the order that `treesOf` gives. */
export function fillTrees(trees: readonly ExpectedTree[], facts: Facts): readonly ExpectedTree[] {
  return inOrder(fill(trees, facts).map(whole));
}

function whole({ parent = "", children, ...own }: ExpectedTree): ExpectedTree {
  return { ...own, parent, children: inOrder(children.map(inner)) };
}

function inner({ parent: _, children, ...own }: ExpectedTree): ExpectedTree {
  return { ...own, children: inOrder(children.map(inner)) };
}

/** The tree of a program whose requests don't know the pattern that they matched. */
export function withoutRoute(tree: ExpectedTree): ExpectedTree {
  const { "http.route": route, ...attributes } = tree.attributes;
  const name = route === undefined ? tree.name : tree.name.replace(` ${route}`, "");
  return { ...tree, name, attributes, children: tree.children.map(withoutRoute) };
}

/** How the traces of a case's copy are found. */
export interface Marks {
  /** It stands in some attribute. */
  readonly mark: string;
  /** Address of the client, which is a whole attribute. */
  readonly from?: string;
  /** Id of the trace. */
  readonly trace?: string;
}

/** All spans of the traces that bear one of the marks, as trees. */
export function treesOf(spans: readonly ReceivedSpan[], marks: Marks): readonly ExpectedTree[] {
  const traces = new Set(spans.filter((span) => isMarked(span, marks)).map(({ traceId }) => traceId));
  const own = spans.filter(({ traceId }) => traces.has(traceId));
  const ids = new Set(own.map(({ spanId }) => spanId));
  const childrenOf = new Map<string, ReceivedSpan[]>();
  for (const span of own)
    childrenOf.set(span.parentSpanId, [...(childrenOf.get(span.parentSpanId) ?? []), span]);
  const tree = (span: ReceivedSpan): ExpectedTree => ({
    name: span.name,
    kind: span.kind,
    status: span.status.code,
    message: span.status.message ?? "",
    scope: span.scope.name,
    attributes: span.attributes,
    children: inOrder((childrenOf.get(span.spanId) ?? []).map(tree)),
  });
  const roots = own.filter(({ parentSpanId }) => !ids.has(parentSpanId));
  return inOrder(roots.map((root) => ({ ...tree(root), parent: root.parentSpanId })));
}

function isMarked({ attributes, traceId }: ReceivedSpan, { mark, from, trace }: Marks): boolean {
  return (
    traceId === trace ||
    Object.values(attributes).some(
      (value) => typeof value === "string" && (value === from || value.includes(mark)),
    )
  );
}

/** Siblings by all that is in them, as goroutines begin in any order. */
function inOrder(trees: readonly ExpectedTree[]): readonly ExpectedTree[] {
  const keys = new Map(trees.map((tree) => [tree, keyOf(tree)]));
  return trees.toSorted((a, b) => ((keys.get(a) ?? "") < (keys.get(b) ?? "") ? -1 : 1));
}

function keyOf(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

export function countSpans(trees: readonly ExpectedTree[]): number {
  return trees.reduce((sum, { children }) => sum + 1 + countSpans(children), 0);
}

/** Spans whose parent had ended when they began: for no case is that right. `tolerance` in nanoseconds. */
export function bornOfTheDead(spans: readonly ReceivedSpan[], tolerance: bigint): readonly ReceivedSpan[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  return spans.filter(({ parentSpanId, start }) => {
    const parent = byId.get(parentSpanId);
    return parent !== undefined && start > parent.end + tolerance;
  });
}
