// Goroutines of many requests at once, on all processors: some are not surely a request's, none is a wrong one's.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { ReceivedSpan } from "./support/collector.ts";
import { fromSpans, oneConnection, startFanout } from "./support/fanout.ts";
import { stopAll } from "./support/process.ts";

after(stopAll);

const clients = 16;
const each = 40;
const paths = ["func", "arguments", "nested", "panics", "group", "brief"];

for (const goroutines of ["spans", "links"] as const)
  test(`${goroutines}: no wrong parent and no wrong link under load`, async (t) => {
    const run = await startFanout(t, { go: "1.26.8", goroutines, processors: 4 });
    await Promise.all(
      Array.from({ length: clients }, async (_, client) => {
        const connection = oneConnection();
        for (let n = 0; n < each; n++)
          await run.get(paths[n % paths.length] ?? "", `c${client}n${n}`, connection);
        connection.destroy();
      }),
    );
    const isCall = ({ name }: ReceivedSpan) => name.startsWith("DELETE ");
    const spans = await run.collector.waitFor(
      (all) => new Set(all.filter(isCall).map(caseOfCall)).size === clients * each,
      60_000,
    );
    const { parentOf, caseOf } = fromSpans(spans);
    const requestOf = (span: ReceivedSpan): ReceivedSpan | undefined => {
      const parent = parentOf(span);
      return parent && caseOf(parent) === undefined ? requestOf(parent) : parent;
    };
    let [children, linked] = [0, 0];
    for (const call of spans.filter(isCall)) {
      const request = requestOf(call);
      const top = topOf(call, parentOf);
      for (const link of top.links) assert.equal(caseOf(link), caseOfCall(call), call.name);
      if (request) assert.equal(caseOf(request), caseOfCall(call), call.name);
      children += Number(request !== undefined);
      linked += Number(top.links.length > 0);
    }
    t.diagnostic(`${children} of ${spans.filter(isCall).length} calls have a request, ${linked} a link`);
    assert.ok(children > 0);
    assert.ok(linked > 0);
    assert.equal(
      spans.some(({ name }) => name.startsWith("go ")),
      goroutines === "spans",
    );
    const account = await run.finish();
    assert.doesNotMatch(account.line, /dropped/);
  });

function caseOfCall({ name }: ReceivedSpan): string {
  return name.slice(name.lastIndexOf("_") + 1);
}

function topOf(span: ReceivedSpan, parentOf: (span: ReceivedSpan) => ReceivedSpan | undefined): ReceivedSpan {
  const parent = parentOf(span);
  return parent ? topOf(parent, parentOf) : span;
}
