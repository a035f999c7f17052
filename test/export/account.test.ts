import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { type Account, balance, exportOutcomes } from "../../src/export/account.ts";
import { AccountReporter } from "../../src/export/account-reporter.ts";
import { newExportCounts } from "../../src/export/batcher.ts";
import { accountText, outcomes } from "../../src/report/account.ts";
import { captureLog } from "./support/log.ts";

const lines = captureLog();
beforeEach(() => {
  lines.length = 0;
});

const text = (account: Account) => accountText(account.started, account.outcomes, balance(account).missing);

describe("account", () => {
  test("all exported", () => {
    const account = { started: 50_000, outcomes: { exported: 50_000 } };
    assert.deepEqual(balance(account), { lost: 0, missing: 0 });
    assert.equal(text(account), "spans 50,000 = 50,000 exported");
  });

  test("with losses", () => {
    const account = {
      started: 50_000,
      outcomes: { exported: 49_980, queueFull: 12, ringFull: 7, unsampled: 1 },
    };
    assert.deepEqual(balance(account), { lost: 19, missing: 0 });
    assert.equal(
      text(account),
      "spans 50,000 = 49,980 exported + 1 not sampled + 7 dropped (ring buffer full) + 12 dropped (queue full)",
    );
  });

  test("a request without an outcome is said", () => {
    const account = { started: 10, outcomes: { exported: 7 } };
    assert.equal(balance(account).missing, 3);
    assert.equal(text(account), "spans 10 = 7 exported + 3 unaccounted for");
  });

  test("an outcome without a request is said", () => {
    const account = { started: 10, outcomes: { exported: 12 } };
    assert.equal(balance(account).missing, -2);
    assert.equal(text(account), "spans 10 = 12 exported - 2 counted twice");
  });

  test("what was not seen is said, once a minute while it grows", () => {
    const asides = { endWithoutStart: 0, textTruncated: 2 };
    const reporter = new AccountReporter(() => ({ started: 1, outcomes: { exported: 1 }, asides }));
    reporter.tick();
    assert.deepEqual(lines, []);
    asides.endWithoutStart = 1500;
    reporter.tick();
    reporter.tick();
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? "", /besides: 1,500 requests without a span.*; 2 texts cut/);
    reporter.end();
    assert.equal(lines.length, 3);
  });

  test("nothing at all", () => assert.equal(text({ started: 0, outcomes: {} }), "spans 0 = 0"));

  test("every reason of the exporter is an outcome", () => {
    const counts = newExportCounts();
    for (const reason of Object.keys(counts.dropped)) assert.ok(reason in outcomes, reason);
    counts.added = 6;
    counts.exported = 1;
    counts.pending = 2;
    counts.dropped.queueFull = 3;
    assert.equal(balance({ started: 6, outcomes: exportOutcomes(counts) }).missing, 0);
  });
});

describe("account reporter", () => {
  test("a line when more was lost since the last look, and one at the end", () => {
    let account: Account = { started: 1, outcomes: { exported: 1 } };
    const reporter = new AccountReporter(() => account);
    reporter.tick();
    assert.equal(lines.length, 0);
    account = { started: 3, outcomes: { exported: 2, ringFull: 1 } };
    reporter.tick();
    reporter.tick();
    assert.deepEqual(lines, ["otel-go-auto: warn: spans 3 = 2 exported + 1 dropped (ring buffer full)\n"]);
    reporter.end();
    assert.equal(lines.length, 2);
  });

  test("while it runs, requests that are not exported yet are in the ring", () => {
    const reporter = new AccountReporter(() => ({ started: 9, outcomes: { exported: 4, queueFull: 2 } }));
    reporter.tick();
    reporter.end();
    assert.match(lines[0] ?? "", /spans 9 = 4 exported \+ 3 waiting in the ring buffer \+ 2 dropped/);
    assert.match(lines[1] ?? "", /3 unaccounted for/);
  });

  test("at the end a good account is information, a bad one a warning", () => {
    new AccountReporter(() => ({ started: 1, outcomes: { exported: 1 } })).end();
    new AccountReporter(() => ({ started: 2, outcomes: { exported: 1 } })).end();
    assert.match(lines[0] ?? "", /^otel-go-auto: spans 1 = 1 exported/);
    assert.match(lines[1] ?? "", /^otel-go-auto: warn: .*1 unaccounted for/);
  });

  test("looks once a minute by itself", (context) => {
    context.mock.timers.enable({ apis: ["setInterval"] });
    let lost = 0;
    const reporter = new AccountReporter(() => ({ started: lost, outcomes: { ringFull: lost } }));
    for (lost = 1; lost <= 3; lost++) context.mock.timers.tick(60_000);
    assert.equal(lines.length, 3);
    reporter.end();
    context.mock.timers.tick(600_000);
    assert.equal(lines.length, 4);
  });
});
