import assert from "node:assert/strict";
import test from "node:test";
import { limited } from "../../src/spans/limits.ts";

const all = {
  method: "GET",
  list: ["first", "second", "x"],
  size: 12345,
  missing: undefined,
  numbers: [12345],
};

test("without a limit that is reached, attributes stay as they are", () => {
  assert.equal(limited(all, { count: 4, valueLength: undefined }).attributes, all);
  assert.equal(limited(all, { count: 4, valueLength: undefined }).droppedAttributes, 0);
});

test("the last ones are dropped and counted; what is undefined is none", () => {
  assert.deepEqual(limited(all, { count: 2, valueLength: undefined }), {
    attributes: { method: "GET", list: ["first", "second", "x"] },
    droppedAttributes: 2,
  });
  assert.deepEqual(limited(all, { count: 0, valueLength: 3 }), { attributes: {}, droppedAttributes: 4 });
});

test("texts are cut, and each text of a list; numbers are not", () => {
  assert.deepEqual(limited(all, { count: 128, valueLength: 3 }), {
    attributes: { method: "GET", list: ["fir", "sec", "x"], size: 12345, numbers: [12345] },
    droppedAttributes: 0,
  });
  assert.deepEqual(limited({ a: "abc" }, { count: 128, valueLength: 0 }).attributes, { a: "" });
});

test("no character is cut in half", () => {
  const cut = (text: string, valueLength: number) =>
    limited({ a: text }, { count: 1, valueLength }).attributes.a;
  assert.equal(cut("a😀b", 2), "a");
  assert.equal(cut("a😀b", 3), "a😀");
  assert.equal(cut("a😀", 3), "a😀");
});
