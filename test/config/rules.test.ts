// The section `rules` of the config file: what it may say, and how it says where something is wrong.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfigFile } from "../../src/config/file.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { Rule } from "../../src/config/rules/rule.ts";
import { explain, UserError } from "../../src/report/user-error.ts";

function rulesOf(text: string, environment: Record<string, string> = {}): readonly Rule[] {
  const file = parseConfigFile("a.yaml", text, environment);
  return loadConfig({}, environment, { file, needsTarget: false }).config.live.functionRules;
}

const usual = {
  process: undefined,
  span: { name: undefined, kind: "internal" },
  attributes: [],
  arguments: undefined,
  results: undefined,
  errorMessage: false,
  ratio: 1,
  limit: undefined,
  line: 2,
} as const;

test("all that a rule can say", () => {
  const text = `rules:
  - function: main.(*OrderService).Place
    span: { name: 'place {order.id}', kind: client }
    attributes:
      - { name: order.id, argument: 1, path: .ID, type: string }
      - { name: customer, argument: order, path: .Customer.Name }
      - { name: items, argument: receiver, path: .Items.len() }
      - { name: left, result: 1, path: len() }
    arguments: ['*main.Order', int, '[]example.com/a/b.c/v2.D[int]']
    results: [int, error]
    process: /app/server
    error_message: true
    ratio: 0.25
    limit: 100
`;
  assert.deepEqual(rulesOf(text), [
    {
      function: "main.(*OrderService).Place",
      process: "/app/server",
      span: { name: "place {order.id}", kind: "client" },
      attributes: [
        {
          name: "order.id",
          of: "argument",
          which: 1,
          path: { fields: ["ID"], length: false },
          type: "string",
        },
        {
          name: "customer",
          of: "argument",
          which: "order",
          path: { fields: ["Customer", "Name"], length: false },
        },
        {
          name: "items",
          of: "argument",
          which: "receiver",
          path: { fields: ["Items"], length: true },
        },
        { name: "left", of: "result", which: 1, path: { fields: [], length: true } },
      ],
      arguments: ["*main.Order", "int", "[]example.com/a/b.c/v2.D[int]"],
      results: ["int", "error"],
      errorMessage: true,
      ratio: 0.25,
      limit: 100,
      line: 2,
    },
  ]);
});

test("a function by its parts, by patterns, and of packages with dots", () => {
  const named = (text: string) => rulesOf(`rules:\n  - ${text}\n`).map((rule) => rule.function);
  assert.deepEqual(named("{package: main, receiver: '*OrderService', method: Place}"), [
    "main.(*OrderService).Place",
  ]);
  assert.deepEqual(named("{package: main, receiver: Order, method: Total}"), ["main.Order.Total"]);
  assert.deepEqual(named("{package: gopkg.in/yaml.v3, method: Marshal}"), ["gopkg.in/yaml%2ev3.Marshal"]);
  for (const name of ["main.*", "main.Map[...]", "main.main.func1", "a.b/c.(*T).*", "a.b/c-d.*.Place"])
    assert.deepEqual(named(`{function: '${name}'}`), [name]);
  const [rule] = rulesOf("rules:\n  - {function: main.f}\n");
  assert.deepEqual(rule, JSON.parse(JSON.stringify({ ...usual, function: "main.f" })));
});

test("variables stand for texts, and no rules are none", () => {
  const text = `rules: [{function: 'main.\${NAME}'}]`;
  assert.equal(rulesOf(text, { NAME: "f" })[0]?.function, "main.f");
  assert.deepEqual(rulesOf("rules: []"), []);
  assert.deepEqual(rulesOf("rules:\n"), []);
});

const name = "{ function: main.f, attributes: [";
const wrong: readonly (readonly [text: string, what: string, why: string])[] = [
  ["rules: main.f", "a.yaml:1:8: rules has another form", "a list of at most 64 rules"],
  [`rules: [${"{function: main.f},".repeat(65)}]`, "a.yaml:1:8: rules has another form", "at most 64 rules"],
  ["rules:\n  - main.f", "a.yaml:2:5: a rule has another form", "keys of these: function, package, "],
  ["rules:\n  - { func: main.f }", 'a.yaml:2:7: unknown key "func"', "keys of a rule are function, "],
  ["rules:\n  - { ratio: 1 }", "a.yaml:2:5: a rule does not name its function", "or package: main"],
  ["rules:\n  - { package: main }", "a.yaml:2:5: a rule does not name its function", "function: main."],
  [
    "rules:\n  - { function: main.f, method: g }",
    "a.yaml:2:33: a rule has function and method",
    "or package: main",
  ],
  [
    "rules:\n  - { function: f }",
    'a.yaml:2:17: function of a rule is not valid: "f"',
    "a function's full name",
  ],
  [
    "rules:\n  - { function: '*.Place' }",
    "a.yaml:2:17: function of a rule is not valid",
    "behind the package",
  ],
  [
    "rules:\n  - { function: 'main.f g' }",
    "a.yaml:2:17: function of a rule is not valid",
    "a function's full",
  ],
  ["rules:\n  - { function: [main.f] }", "a.yaml:2:17: function of a rule has another form", "a text"],
  [
    "rules:\n  - { package: main, receiver: '**T', method: f }",
    "a.yaml:2:32: receiver of a rule is not valid",
    "such as OrderService or *OrderService",
  ],
  [
    "rules:\n  - { function: main.f, process: bin/server }",
    'a.yaml:2:34: process of a rule is not valid: "bin/server"',
    "an executable's name, such as server",
  ],
  [
    "rules:\n  - { function: main.f, error_message: always }",
    'a.yaml:2:40: error_message of a rule is not valid: "always"',
    "true, false",
  ],
  [
    "rules:\n  - { function: main.f, span: place }",
    "a.yaml:2:31: span of a rule has another form",
    "keys of these: name, kind",
  ],
  [
    "rules:\n  - { function: main.f, span: { kind: outer } }",
    'a.yaml:2:39: kind of span of a rule is not valid: "outer"',
    "internal, server, client, producer, consumer",
  ],
  [
    "rules:\n  - { function: main.f, span: { name: 'a {b}' } }",
    "a.yaml:2:39: name of span of a rule is not valid",
    "the name of an attribute of this rule: it has none",
  ],
  [
    `rules:\n  - ${name} { argument: 1 } ] }`,
    "a.yaml:2:39: an attribute has no name",
    "an attribute with name",
  ],
  [
    `rules:\n  - ${name} { name: a b, argument: 1 } ] }`,
    'a.yaml:2:47: name of an attribute is not valid: "a b"',
    "such as order.id",
  ],
  [
    `rules:\n  - ${name} { name: a } ] }`,
    'a.yaml:2:39: the attribute "a" is of no argument and no result',
    "argument: 1 or result: 1",
  ],
  [
    `rules:\n  - ${name} { name: a, argument: 1, result: 1 } ] }`,
    'a.yaml:2:39: the attribute "a" is of an argument and a result',
    "and not both",
  ],
  [
    `rules:\n  - ${name} { name: a, argument: 0 } ] }`,
    'a.yaml:2:60: argument of an attribute is not valid: "0"',
    "its number from 1 on",
  ],
  [
    `rules:\n  - ${name} { name: a, argument: 1 }, { name: a, result: 1 } ] }`,
    'a.yaml:2:73: a rule has two attributes "a"',
    "different names",
  ],
  [
    `rules:\n  - ${name} { name: a, argument: 1, path: ID } ] }`,
    'a.yaml:2:69: path of an attribute is not valid: "ID"',
    ".Customer.Name",
  ],
  [
    `rules:\n  - ${name} { name: a, argument: 1, type: a b } ] }`,
    'a.yaml:2:69: type of an attribute is not valid: "a b"',
    "a type of Go",
  ],
  [
    `rules:\n  - ${name} { name: a, argument: 1, path: len(), type: string } ] }`,
    "a.yaml:2:82: a length is an int",
    "type: int",
  ],
  [
    `rules:\n  - ${name} ${"{ name: a, argument: 1 }, ".repeat(9)} ] }`,
    "a.yaml:2:37: a rule has 9 attributes",
    "at most 8",
  ],
  [
    "rules:\n  - { function: main.f, arguments: [int, 'a b'] }",
    'a.yaml:2:42: an item of arguments is not valid: "a b"',
    "a type of Go",
  ],
  [
    "rules:\n  - { function: main.f, results: int }",
    "a.yaml:2:34: results of a rule has another form",
    "a list of values",
  ],
  [
    "rules:\n  - { function: main.f, ratio: 2 }",
    'a.yaml:2:32: ratio of a rule is not valid: "2"',
    "a number from 0 to 1",
  ],
  [
    "rules:\n  - { function: main.f, limit: 0 }",
    'a.yaml:2:32: limit of a rule is not valid: "0"',
    "a whole number from 1 to 1000000",
  ],
];

for (const [text, what, why] of wrong)
  test(`refused: ${what}`, () => {
    assert.throws(
      () => rulesOf(text),
      (error: unknown) => {
        assert.ok(error instanceof UserError);
        assert.equal(error.exitCode, 2);
        const said = explain(error.explanation);
        assert.ok(said.startsWith(what), said);
        assert.ok(error.explanation.why?.includes(why), said);
        return true;
      },
    );
  });
