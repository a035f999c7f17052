import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
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

test("each page that a page of the docs names is there", () => {
  for (const name of readdirSync(join(root, "docs")).filter((file) => file.endsWith(".md")))
    for (const [, page = ""] of readFileSync(join(root, "docs", name), "utf8").matchAll(
      /\]\(((?:\.\.\/)?[\w./-]+\.md)(?:#[\w-]*)?\)/g,
    ))
      assert.ok(existsSync(join(root, "docs", page)), `${page}, which ${name} names`);
});
