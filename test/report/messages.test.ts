import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { filesBelow } from "../../scripts/files.ts";
import { messagesPage, messagesText } from "../../scripts/gen-messages.ts";
import { allMessages } from "../../scripts/messages.ts";

const root = join(import.meta.dirname, "../..");

test("docs/messages.md lists what src/report says (scripts/generate makes it)", async () => {
  assert.equal(readFileSync(messagesPage, "utf8"), await messagesText());
});

test("every error that ends a command is found", async () => {
  const found = (await allMessages()).flatMap(({ messages }) => messages.map(({ what }) => what));
  // A literal "what" up to its first blank; those of doctor's checks have a page of their own.
  for (const file of filesBelow("src/report", ".ts")) {
    if (/doctor|user-error/.test(file)) continue;
    const source = readFileSync(join(root, file), "utf8");
    for (const [, words = ""] of source.matchAll(/new UserError\([^{]*\{\s*what:\s*["`]([^"`$]+)/g))
      assert.ok(
        found.some((what) => what.startsWith(words)),
        `${file}: ${words}`,
      );
  }
  assert.ok(found.length > 150, `only ${found.length}`);
});

test("what is shown is no accident of the search", async () => {
  for (const { name, messages } of await allMessages())
    for (const { what, why = "", next = "" } of messages)
      assert.doesNotMatch(
        what + why + next,
        /undefined|NaN|\[object|http:\/\/collector:4318\/v1\/traces$/,
        name,
      );
});

test("each page that the troubleshooting names is there", () => {
  const text = readFileSync(join(root, "docs/troubleshooting.md"), "utf8");
  for (const [, page = ""] of text.matchAll(/\]\(([a-z-]+\.md)(?:#[a-z-]*)?\)/g))
    assert.ok(readFileSync(join(root, "docs", page), "utf8").length > 0, page);
});
