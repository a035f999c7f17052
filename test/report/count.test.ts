import assert from "node:assert/strict";
import test from "node:test";
import { OutgoingCount } from "../../src/generated/shared.ts";
import { type Aside, asides, asidesText } from "../../src/report/account.ts";
import { counted } from "../../src/report/count.ts";
import { doctorReport, ok, warning } from "../../src/report/doctor.ts";
import { limitWords, targetWords } from "../../src/report/doctor-words.ts";
import { liveMessages } from "../../src/report/live.ts";
import { updateMessages } from "../../src/report/offsets.ts";
import { planReasons } from "../../src/report/plan.ts";
import { propagationMessages, socketTierAccount, writeTierAccount } from "../../src/report/propagation.ts";
import { startMessages } from "../../src/report/start.ts";
import { targetMessage } from "../../src/report/target.ts";

const counts = Object.keys(OutgoingCount) as (keyof typeof OutgoingCount)[];
const each = (count: number) =>
  Object.fromEntries(counts.map((name) => [name, count])) as Record<keyof typeof OutgoingCount, number>;

/** Every message that counts, with this number. */
function messages(count: number): readonly string[] {
  return [
    startMessages.library("L", count),
    liveMessages.attached("L", 7, count),
    liveMessages.cutOff("L", 7, count, 5),
    targetWords.attach(
      { now: count, later: 0 },
      Array.from({ length: 3 + count }, () => "this"),
    ),
    limitWords.files(count),
    updateMessages.upToDate(count),
    planReasons.moreCallers(count),
    planReasons.omittedCallers(count),
    targetMessage.denied(count, false),
    propagationMessages.socketOn("calls", count),
    propagationMessages.notAdopted(count),
    socketTierAccount(7, each(count)) ?? "",
    writeTierAccount(7, each(count)) ?? "",
    ...(Object.keys(asides) as Aside[]).map((aside) => asidesText({ [aside]: count })),
    doctorReport(
      [{ name: "g", checks: [ok("a", "a", "b"), ...Array(count).fill(warning("c", "c", { what: "d" }))] }],
      false,
      plain,
    ).replace(/^.*\n/s, ""),
  ];
}

const same = (text: string) => text;
const plain = new Proxy({}, { get: () => same }) as Parameters<typeof doctorReport>[2];

/** One of something, with its verb. */
const afterOne =
  /(?<!\/)\b1 (?:\w+ )?(?:probes|parts|files|fields|callers|processes|connections|requests|calls|spans|texts|warnings|are|have|go|do|lack|were)\b/;
const afterTwo =
  /\b2 (?:\w+ )?(?:probe|part|file|field|caller|process|connection|request|call|span|text|warning|is|has|goes|does|lacks|was)\b/;

test("one is one, and two are several", () => {
  for (const text of messages(1)) {
    assert.match(text, /\b1 /);
    assert.doesNotMatch(text, afterOne);
    assert.doesNotMatch(text, /[,;] 1 that had not ended .* are /);
  }
  for (const text of messages(2)) {
    assert.match(text, /\b2 /);
    assert.doesNotMatch(text, afterTwo);
  }
});

test("numbers stand as people write them", () => {
  assert.equal(counted(0, "probe"), "0 probes");
  assert.equal(counted(1, "process", "processes"), "1 process");
  assert.equal(counted(12_345, "process", "processes"), "12,345 processes");
});
