import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { createConsoleExporter } from "../../src/export/console.ts";
import { record } from "./support/records.ts";

function terminal(options: { isTTY?: boolean } = {}) {
  const output = {
    text: "",
    fail: (_error: Error) => {},
    write: (text: string) => {
      output.text += text;
    },
    on: (_event: "error", listener: (error: Error) => void) => {
      output.fail = listener;
    },
    ...options,
  };
  return output;
}

function traces(text: string): string[] {
  return [...text.matchAll(/trace ([0-9a-f]{32})/g)].map(([, id]) => id ?? "");
}

function start(context: TestContext, output = terminal()) {
  context.mock.timers.enable({ apis: ["setInterval"] });
  const time = { ms: 0 };
  const exporter = createConsoleExporter(output, () => time.ms);
  const pass = (ms: number) => {
    for (const end = time.ms + ms; time.ms < end; ) {
      time.ms += 250;
      context.mock.timers.tick(250);
    }
  };
  return { output, exporter, pass };
}

describe("console exporter", () => {
  test("a trace is drawn once, when none of its spans came for a second", (context) => {
    const { output, exporter, pass } = start(context);
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    exporter.add(record({ traceId, name: "child", parentSpanId: "aaaaaaaaaaaaaaaa" }));
    pass(750);
    exporter.add(record({ traceId, name: "parent", spanId: "aaaaaaaaaaaaaaaa" }));
    pass(750);
    assert.equal(output.text, "");
    assert.equal(exporter.counts.pending, 2);
    pass(500);
    assert.deepEqual(traces(output.text), [traceId]);
    assert.match(output.text, / {2}parent .*\n[\s\S]*\n {4}child /);
    pass(5000);
    assert.deepEqual(traces(output.text), [traceId]);
    assert.equal(exporter.counts.exported, 2);
    assert.equal(exporter.counts.pending, 0);
  });

  test("a flood: bounded, the rest is counted and said", (context) => {
    const { output, exporter, pass } = start(context);
    for (let i = 0; i < 5000; i++) exporter.add(record());
    assert.equal(exporter.counts.pending, 256);
    pass(1000);
    assert.equal(traces(output.text).length, 256);
    assert.match(output.text, /4,744 spans more came than a terminal can show/);
    assert.deepEqual(
      [exporter.counts.added, exporter.counts.exported, exporter.counts.dropped.notDrawn],
      [5000, 256, 4744],
    );
    exporter.add(record());
    pass(1250);
    assert.equal(exporter.counts.exported, 257);
  });

  test("a trace of very many spans is bounded, too", (context) => {
    const { exporter } = start(context);
    for (let i = 0; i < 5000; i++) exporter.add(record({ traceId: "4bf92f3577b34da6a3ce929d0e0e4736" }));
    assert.equal(exporter.counts.pending, 2048);
  });

  for (const end of ["flush", "shutdown"] as const) {
    test(`a ${end} draws at once`, async (context) => {
      const { output, exporter } = start(context);
      exporter.add(record());
      await exporter[end](1000);
      assert.equal(traces(output.text).length, 1);
      assert.equal(exporter.counts.exported, 1);
    });
  }

  test("after the shutdown, or when the reader went away, nothing is written and all is counted", async (context) => {
    const { output, exporter } = start(context);
    exporter.add(record());
    output.fail(new Error("EPIPE"));
    exporter.add(record());
    await exporter.shutdown(0);
    exporter.add(record());
    assert.equal(output.text, "");
    assert.deepEqual(exporter.counts.dropped.notDrawn, 3);
    assert.equal(exporter.counts.pending, 0);
  });

  test("no colours in a pipe", async (context) => {
    // The test runner sets it when its own output is a terminal.
    const { FORCE_COLOR } = process.env;
    delete process.env.FORCE_COLOR;
    context.after(() => {
      if (FORCE_COLOR !== undefined) process.env.FORCE_COLOR = FORCE_COLOR;
    });
    const { output, exporter } = start(context);
    exporter.add(record());
    await exporter.flush(0);
    assert.notEqual(output.text, "");
    assert.ok(!output.text.includes("\u001b"));
  });
});
