import assert from "node:assert/strict";
import test from "node:test";
import { toRoute as chi } from "../../src/libraries/github.com/go-chi/chi/v5/index.ts";
import { library as echo } from "../../src/libraries/github.com/labstack/echo/v4/index.ts";
import { toRoute as serveMux } from "../../src/libraries/net/http/servemux/index.ts";
import { isModuleOlder } from "../../src/plan/version.ts";

test("chi: patterns of routers in routers, as RoutePattern joins them", () => {
  assert.equal(chi("/"), "/");
  assert.equal(chi("/api/*/v1/*/users/{id}"), "/api/v1/users/{id}");
  assert.equal(chi("/api/*/*/x"), "/api/x");
  assert.equal(chi("/api/*/"), "/api");
  assert.equal(chi("/files/*"), "/files/*");
});

test("echo v4: no route where its own handlers answer", () => {
  const own = "github.com/labstack/echo/v4";
  for (const name of [`${own}.init.func3`, `${own}.glob..func3`])
    assert.equal(echo.toRoute?.("/items/:id", name), "");
  for (const name of [`${own}.(*Echo).add.func1`, "main.init.func1", undefined])
    assert.equal(echo.toRoute?.("/items/:id", name), "/items/:id");
});

test("ServeMux: the inner pattern counts when it has the whole path", () => {
  assert.equal(serveMux("GET /items/{id}"), "/items/{id}");
  assert.equal(serveMux("/api/\0GET example.com/api/items/{id}"), "/api/items/{id}");
  assert.equal(serveMux("/api/\0/items/{id}"), "/api/");
});

test("a module's version: forks and local folders are not judged by theirs", () => {
  const path = "github.com/go-chi/chi/v5";
  const older = (version: string, replacedBy?: { path: string; version: string }) =>
    isModuleOlder({ path, version, ...(replacedBy ? { replacedBy } : {}) }, "5.0.0");
  assert.equal(older("v4.9.9"), true);
  assert.equal(older("v5.0.0"), false);
  assert.equal(older("v5.0.0-beta1"), false);
  assert.equal(older("v0.0.0-20210226172049-e18ecbb05110"), false);
  assert.equal(older("(devel)"), false);
  assert.equal(older("v5.1.0", { path: "example.com/fork", version: "v1.0.0" }), false);
  assert.equal(older("v5.1.0", { path, version: "v4.0.0" }), true);
});
