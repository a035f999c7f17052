import assert from "node:assert/strict";
import { test } from "node:test";
import { notTraced, notTracedAmong } from "../../src/libraries/not-traced.ts";

test("modules that carry requests by themselves, of any major version; none twice", () => {
  const modules = ["github.com/gofiber/fiber/v2", "github.com/valyala/fasthttp", "github.com/gofiber/fiberx"];
  assert.deepEqual(notTracedAmong(modules, []), ["github.com/valyala/fasthttp", "github.com/gofiber/fiber"]);
  assert.equal(new Set(notTraced).size, notTraced.length);
});

test("one that has become a traced library is no longer named", () => {
  const modules = ["github.com/twmb/franz-go"];
  assert.deepEqual(notTracedAmong(modules, ["std"]), modules);
  assert.deepEqual(notTracedAmong(modules, ["std", ...modules]), []);
});
