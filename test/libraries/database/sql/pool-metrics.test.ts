import assert from "node:assert/strict";
import test from "node:test";
import { poolMetrics } from "../../../../src/libraries/database/sql/pool-metrics.ts";
import { factsWith } from "../../support/records.ts";
import { tell } from "./support/records.ts";

const place = {
  connectorType: 1,
  host: "db.example",
  port: 5433,
  name: "shop",
};
const types = { 1: "*github.com/lib/pq.Connector" };
const prefix = "db.client.connection.";

function valuesOf(metrics: ReturnType<typeof poolMetrics>): readonly string[] {
  return metrics.map(({ name, value, attributes }) => {
    const pool = attributes[`${prefix}pool.name`];
    return [pool, name.slice(prefix.length), attributes[`${prefix}state`], value].filter(Boolean).join(" ");
  });
}

test("a pool's connections by their state, and its limits", (t) => {
  const facts = factsWith(types);
  tell(t, facts, { database: 1, ...place, open: 5, idle: 2, maxOpen: 9, maxIdle: 4, waiting: 3 });
  assert.deepEqual(valuesOf(poolMetrics(facts)), [
    "db.example:5433/shop count idle 2",
    "db.example:5433/shop count used 3",
    "db.example:5433/shop max 9",
    "db.example:5433/shop idle.max 4",
    "db.example:5433/shop pending_requests 3",
  ]);
});

test("Go's own limits; what is not known is left out", (t) => {
  const facts = factsWith();
  // More idle than open ones: they are read one after the other.
  tell(t, facts, { database: 1, open: 1, idle: 2, maxOpen: 0, maxIdle: 0, waiting: -1 });
  assert.deepEqual(valuesOf(poolMetrics(facts)), [
    "other_sql count idle 2",
    "other_sql count used",
    "other_sql idle.max 2",
  ]);
});

test("a limit of less than none is none", (t) => {
  const facts = factsWith();
  tell(t, facts, { database: 1, maxIdle: -1, maxOpen: -1, waiting: -1 });
  const idle = poolMetrics(facts).find(({ name }) => name === `${prefix}idle.max`);
  assert.equal(idle?.value, 0);
  assert.ok(!poolMetrics(facts).some(({ name }) => name === `${prefix}max`));
});

test("two pools of one database have names of their own", (t) => {
  const facts = factsWith(types);
  tell(t, facts, { database: 1, ...place, waiting: -1 });
  tell(t, facts, { database: 2, ...place, waiting: -1 });
  const names = new Set(poolMetrics(facts).map(({ attributes }) => attributes[`${prefix}pool.name`]));
  assert.deepEqual(names, new Set(["db.example:5433/shop", "db.example:5433/shop#2"]));
});

test("a pool that nobody has used for a minute is not told", (t) => {
  const facts = factsWith(types);
  tell(t, facts, { database: 1, ...place });
  const now = performance.now();
  assert.notEqual(poolMetrics(facts, now).length, 0);
  assert.deepEqual(poolMetrics(facts, now + 60_001), []);
});
