import assert from "node:assert/strict";
import test from "node:test";
import { openGoBinary } from "../../../../../../src/binary/index.ts";
import { libraries } from "../../../../../../src/generated/registry.ts";
import { planLibraries } from "../../../../../../src/plan/plan.ts";
import { buildKafka, kafkaBuilds } from "../../../../../e2e/support/kafka.ts";

for (const build of kafkaBuilds)
  test(`places in a program of ${build.kafka}, Go ${build.go}`, async () => {
    const binary = openGoBinary(await buildKafka(build));
    const plans = planLibraries(binary, libraries, { disabled: [], loadBias: 0, offsets: () => [] });
    const plan = plans.find(({ library }) => library.path === "github.com/segmentio/kafka-go/producer");
    assert.equal(plan?.status, "attach");
    const placesOf = (name: string) =>
      plan.programs.find(({ program }) => program === name)?.sites.map((site) => site) ?? [];
    const functionsOf = (name: string) =>
      [...new Set(placesOf(name).map((site) => site.function.name))].sort();

    const starts = plan.programs.filter(({ starts }) => starts);
    assert.deepEqual(starts.map(({ program }) => program).sort(), [
      "kafka_connection_write_started",
      "kafka_produce_started",
      "kafka_write_started",
    ]);
    for (const { sites } of starts)
      for (const { instruction } of sites) assert.ok(instruction.emulated, build.kafka);
    // A Writer's own requests are not begun.
    assert.deepEqual(functionsOf("kafka_produce_started"), ["kafkaapp/produce.(*handler).produce"]);
    const callers = functionsOf("kafka_write_returned");
    assert.ok(
      callers.every((name) => name.startsWith("kafkaapp/produce.")),
      callers.join(", "),
    );
    assert.ok(callers.includes("kafkaapp/produce.(*handler).write"), callers.join(", "));
    assert.ok(callers.includes("kafkaapp/produce.(*handler).produce"), callers.join(", "));
    assert.deepEqual(functionsOf("kafka_connection_write_returned"), [
      "github.com/segmentio/kafka-go.(*Conn).writeCompressedMessages",
    ]);
    // No caller is without a place.
    assert.deepEqual(
      plan.without.filter((text) => text.startsWith("end of")),
      [],
    );
    binary.close();
  });
