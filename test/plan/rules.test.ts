// Which functions rules name, which could have been meant, and why one can't be met: in real programs.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { openGoBinary } from "../../src/binary/index.ts";
import type { GoBinary } from "../../src/binary/types.ts";
import { parseConfigFile } from "../../src/config/file.ts";
import { loadConfig } from "../../src/config/load.ts";
import { rulesLibrary } from "../../src/libraries/rules/library.ts";
import { candidates } from "../../src/plan/rules/candidates.ts";
import { ruleOutcomes } from "../../src/plan/rules/outcomes.ts";
import { planRules } from "../../src/plan/rules/plan-rules.ts";
import { buildGo } from "../fixtures/go-binaries.ts";

const source = join(import.meta.dirname, "..", "libraries", "rules", "app");

describe("rules in a program", () => {
  let whole: GoBinary;
  let stripped: GoBinary;
  before(async () => {
    whole = openGoBinary(await buildGo({ go: "1.26.8", source }));
    stripped = openGoBinary(await buildGo({ go: "1.26.8", source, flags: ["-ldflags=-s -w"] }));
  });
  after(() => {
    whole.close();
    stripped.close();
  });

  function plan(binary: GoBinary, rule: string) {
    const file = parseConfigFile("a.yaml", `rules: [${rule}]`, {});
    const { functionRules } = loadConfig({}, {}, { file, needsTarget: false }).config.live;
    const library = rulesLibrary(() => undefined);
    return planRules(binary, functionRules, library, { loadBias: 0, offsets: () => [] as never });
  }
  const names = (binary: GoBinary, rule: string) =>
    plan(binary, rule)
      .functions.map(({ span }) => span.name)
      .sort();
  const reason = (binary: GoBinary, rule: string) => plan(binary, rule).leftOut.map((each) => each.reason)[0];

  test("patterns", () => {
    for (const binary of [whole, stripped]) {
      assert.deepEqual(names(binary, "{function: 'main.(*OrderService).*'}"), ["main.(*OrderService).Place"]);
      assert.equal(names(binary, "{function: 'main.Map[...]'}").length, 2);
      assert.deepEqual(names(binary, "{function: 'main.round.func*'}"), [
        "main.round.func1",
        "main.round.func2",
      ]);
      // What the compiler adds beside a function is not a second one.
      assert.ok(!names(binary, "{function: 'main.*'}").some((name) => /gowrap|deferwrap|-fm/.test(name)));
    }
  });

  test("methods that the compiler makes for pointers are no functions of a pattern", () => {
    for (const binary of [whole, stripped]) {
      assert.ok(binary.functions.find("main.(*Tag).text").length > 0);
      assert.deepEqual(names(binary, "{function: 'main.*text'}"), ["main.Tag.text"]);
      assert.deepEqual(names(binary, "{function: 'main.(*Tag).text'}"), ["main.(*Tag).text"]);
    }
  });

  test("a rule for another executable has nothing here", () => {
    const outcome = (process: string) => {
      const file = parseConfigFile("a.yaml", `rules: [{function: main.step, process: ${process}}]`, {});
      const { functionRules } = loadConfig({}, {}, { file, needsTarget: false }).config.live;
      const options = { loadBias: 0, offsets: () => [] as never };
      const [found] = ruleOutcomes(whole, functionRules, "/srv/app/shop", options);
      return [found?.isFor, found?.functions.length];
    };
    assert.deepEqual(outcome("shop"), [true, 1]);
    assert.deepEqual(outcome("/srv/app/shop"), [true, 1]);
    assert.deepEqual(outcome("app"), [false, 0]);
    assert.deepEqual(outcome("/app/shop"), [false, 0]);
  });

  test("the first of two rules for one function counts", () => {
    const { functions } = plan(whole, "{function: main.step, span: {name: a}}, {function: 'main.st*'}");
    assert.deepEqual(
      functions.map(({ span }) => span.spanName),
      ["a"],
    );
  });

  const refused: readonly (readonly [rule: string, whole: RegExp, stripped?: RegExp])[] = [
    ["{function: main.Dpth}", /^the program has no such function; near it: main\.Depth/],
    // Without its receiver, and without the path of its package.
    ["{function: main.Place}", /near it: main\.\(\*OrderService\)\.Place(,|$)/],
    ["{function: poll.Read}", /near it: internal\/poll\.\(\*FD\)\.Read(,|$)/],
    ["{function: 'main.Plaice*'}", /^no function of the program fits/],
    ["{function: main.tiny}", /^it is inlined wherever it is called/],
    ["{function: runtime.mallocgc}", /^a part of Go's runtime/],
    [
      "{function: main.step, attributes: [{name: a, argument: 2}]}",
      /^a: there is no argument 2; arguments are id int/,
      /^a: the program does not tell the types of its arguments: the rule needs arguments/,
    ],
    [
      "{function: main.step, attributes: [{name: a, argument: nr}]}",
      /^a: there is no argument nr/,
      /^a: the program does not tell the names of its arguments/,
    ],
    [
      "{function: main.step, attributes: [{name: a, argument: receiver}]}",
      /^a: it is no method, and has no receiver/,
    ],
    [
      "{function: main.Wide, attributes: [{name: a, argument: k}]}",
      /^a: k: it is passed in a floating-point register/,
      /does not tell the names/,
    ],
    [
      "{function: main.(*OrderService).Place, attributes: [{name: a, argument: order}]}",
      /^a: order: main\.Order is a struct: the path must name one of its fields, base, ID, /,
      /does not tell the names/,
    ],
    [
      "{function: main.(*OrderService).Place, attributes: [{name: a, argument: order, path: .Id}]}",
      /^a: order: main\.Order has no field Id; fields are base, ID, /,
      /does not tell the names/,
    ],
    [
      "{function: main.(*OrderService).Place, attributes: [{name: a, argument: order, path: .Items}]}",
      /^a: order: of \[\]string only the length can be told/,
      /does not tell the names/,
    ],
    [
      "{function: main.(*OrderService).Place, attributes: [{name: a, argument: order, path: .ID, type: int}]}",
      /^a: order: it is of type string, not int/,
      /does not tell the names/,
    ],
    [
      "{function: main.step, attributes: [{name: a, argument: id, path: len()}]}",
      /^a: id: int has no length/,
      /does not tell the names/,
    ],
  ];
  for (const [rule, inWhole, inStripped = inWhole] of refused)
    test(`left out: ${rule}`, () => {
      assert.match(reason(whole, rule) ?? "", inWhole);
      assert.match(reason(stripped, rule) ?? "", inStripped);
    });

  test("functions that a rule may name", () => {
    const { functions, more } = candidates(whole, "main.*");
    assert.equal(more, 0);
    const guarded = functions.find(({ name }) => name === "main.guarded");
    // A named result that a function literal writes to is one.
    assert.deepEqual(guarded?.results, [{ name: "result", type: "int" }]);
    for (const binary of [whole, stripped]) {
      const found = candidates(binary, "main.*").functions;
      assert.deepEqual(
        found.filter(({ address }) => address === undefined).map(({ name }) => name),
        ["main.tiny"],
      );
      assert.deepEqual(
        found.map(({ name }) => name),
        functions.map(({ name }) => name),
      );
    }
    assert.deepEqual(candidates(stripped, "main.Dpth").near.slice(0, 1), ["main.Depth"]);
  });
});
