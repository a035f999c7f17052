/** What the programs of libraries.test.ts are visited for, and the whole traces that have to come of it. */
import type { ReceivedSpan } from "../e2e/support/otlp-json.ts";

/** One request, see `fixtures/visits.mjs`. NUMBER in a path stands for the visit's. */
interface Request {
  /** Name of the program, which is the service's too. */
  readonly to: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly status: number;
}

export interface Visit {
  /** Sent one after the other. */
  readonly requests: readonly Request[];
  /** One line a trace, as `traces` writes them. */
  readonly expected: readonly string[];
}

/** What the program with OpenTelemetry's SDK answers: its own span, and what its own request out carried. */
export interface Answer {
  readonly TraceID: string;
  readonly SpanID: string;
  readonly Received: readonly string[] | null;
}

interface Kind {
  readonly requests: readonly (Pick<Request, "to" | "path"> & Partial<Request>)[];
  /** `…` stands for "from the caller" or "from nobody". */
  readonly expected: readonly string[];
}

const call = "shop: client GET [warehouse: server GET /stock/{sku}]";

const kinds: readonly Kind[] = [
  {
    requests: [{ to: "shop", path: "/products/tea-pot" }],
    expected: [`… shop: server GET /products/{sku} [${call}, shop: client SELECT products]`],
  },
  {
    requests: [{ to: "shop", path: "/products/samovar", status: 404 }],
    expected: ["… shop: server GET /products/{sku} [shop: client SELECT products]"],
  },
  {
    requests: [{ to: "shop", path: "/search?q=pot" }],
    expected: ["… shop: server GET /search [shop: client SELECT products]"],
  },
  {
    requests: [
      ...["espresso-cup", "tea-pot"].map((sku) => ({
        to: "shop",
        method: "POST",
        path: "/carts/NUMBER/items",
        body: JSON.stringify({ sku, quantity: 1 }),
        status: 201,
      })),
      { to: "shop", method: "POST", path: "/carts/NUMBER/checkout" },
    ],
    expected: [
      ...[1, 2].map(() => "… shop: server POST /carts/{cart}/items [shop: client INSERT cart_lines]"),
      "… shop: server POST /carts/{cart}/checkout [shop: client BEGIN shop.db, shop: client COMMIT shop.db, " +
        `shop: client DELETE cart_lines, ${call}, ${call}, ` +
        "shop: client INSERT orders SELECT cart_lines products, shop: client SELECT cart_lines]",
    ],
  },
  ...routed("gin", "/items/:id", "/api/v1/users/:user/orders/:order"),
  ...routed("chi", "/items/{id:[0-9]+}", "/api/v1/users/{user}/orders/{order}"),
  ...routed("mux", "/items/{id:[0-9]+}", "/api/v1/users/{user}/orders/{order}"),
  ...routed("echo4", "/items/:id", "/api/v1/users/:user/orders/:order"),
  ...routed("echo5", "/items/:id", "/api/v1/users/:user/orders/:order"),
  { requests: [{ to: "sdk", path: "/plain" }], expected: ["… sdk: server GET /plain"] },
  {
    requests: [{ to: "sdk", path: "/own" }],
    expected: ["from the program sdk: client GET [sdk: server GET /echo]"],
  },
  { requests: [{ to: "sdk", path: "/both" }], expected: ["from the program sdk: server GET /echo"] },
  {
    requests: [{ to: "sdk", path: "/inner" }],
    expected: ["… sdk: server GET /inner", "from the program sdk: client GET [sdk: server GET /echo]"],
  },
];

function routed(to: string, item: string, order: string): readonly Kind[] {
  return [
    { requests: [{ to, path: "/items/7" }], expected: [`… ${to}: server GET ${item}`] },
    {
      requests: [{ to, method: "POST", path: "/api/v1/users/3/orders/9" }],
      expected: [`… ${to}: server POST ${order}`],
    },
    { requests: [{ to, path: "/nothing/7", status: 404 }], expected: [`… ${to}: server GET`] },
  ];
}

/** All kinds in turns; every third visit's caller is not in a trace itself, but where the program needs that. */
export function planVisits(count: number): readonly Visit[] {
  return Array.from({ length: count }, (_, number) => {
    const { requests, expected } = kinds[number % kinds.length] as Kind;
    const inTrace = number % 3 !== 0 || requests[0]?.to === "sdk";
    const headers = inTrace ? { traceparent: `00-${traceIdOf(number)}-${caller}-01` } : {};
    return {
      requests: requests.map((request) => ({
        ...{ method: "GET", status: 200, headers },
        ...request,
        path: `${request.path.replace("NUMBER", String(number))}${request.path.includes("?") ? "&" : "?"}visit=${number}`,
      })),
      expected: expected.map((line) => line.replace("…", inTrace ? "from the caller" : "from nobody")),
    };
  });
}

const caller = "2".repeat(16);

function traceIdOf(visit: number): string {
  return (visit + 1).toString(16).padStart(32, "0");
}

/**
 * Each trace's trees, one a line: the visit that it came of, where it begins, and all its spans with their services;
 * siblings by their text. Example: "visit 7: from nobody shop: server GET /search [shop: client SELECT products]".
 */
export function traces(
  spans: readonly ReceivedSpan[],
  answers: readonly (Answer | undefined)[],
): readonly string[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const children = new Map<string, ReceivedSpan[]>();
  for (const span of spans)
    children.set(span.parentSpanId, [...(children.get(span.parentSpanId) ?? []), span]);
  const text = (span: ReceivedSpan): string => {
    const below = (children.get(span.spanId) ?? []).filter(({ traceId }) => traceId === span.traceId);
    const list = below.map(text).sort().join(", ");
    return `${span.resource["service.name"]}: ${span.kind} ${span.name}${list && ` [${list}]`}`;
  };
  const visits = visitsOf(spans, answers);
  return spans
    .filter(({ parentSpanId }) => !ids.has(parentSpanId))
    .map((root) => `visit ${visits.get(root.traceId) ?? "?"}: ${beginning(root, answers)} ${text(root)}`);
}

/** By trace: those of callers are known, others have it in a query or in what the program says of its own span. */
function visitsOf(
  spans: readonly ReceivedSpan[],
  answers: readonly (Answer | undefined)[],
): Map<string, number> {
  const visits = new Map<string, number>();
  for (const { traceId, attributes } of spans) {
    const visit = /visit=(\d+)/.exec(String(attributes["url.query"]))?.[1];
    if (visit !== undefined) visits.set(traceId, Number(visit));
  }
  for (const [visit, answer] of answers.entries()) {
    visits.set(traceIdOf(visit), visit);
    if (answer) visits.set(answer.TraceID, visit);
  }
  return visits;
}

function beginning({ parentSpanId }: ReceivedSpan, answers: readonly (Answer | undefined)[]): string {
  if (parentSpanId === "") return "from nobody";
  if (parentSpanId === caller) return "from the caller";
  const isProgramsOwn = answers.some(
    (answer) =>
      answer?.SpanID === parentSpanId || answer?.Received?.some((value) => value.includes(parentSpanId)),
  );
  return isProgramsOwn ? "from the program" : `from ${parentSpanId}`;
}

/** Lines that only one of them has, as often as it has them more. */
export function difference(
  expected: readonly string[],
  got: readonly string[],
): { readonly missing: readonly string[]; readonly surplus: readonly string[] } {
  const surplus = [...got];
  const missing = expected.filter((line) => {
    const at = surplus.indexOf(line);
    if (at >= 0) surplus.splice(at, 1);
    return at < 0;
  });
  return { missing, surplus };
}
