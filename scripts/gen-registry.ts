/** Lists the index.ts of every folder below src/libraries in src/generated/registry.ts: adding a library edits no other file. */
import { mkdirSync, writeFileSync } from "node:fs";
import { filesBelow } from "./files.ts";

const files = filesBelow("src/libraries", "/index.ts");
const imports = files.map(
  (file, i) => `import { library as library${i} } from "../${file.slice("src/".length)}";`,
);
const names = files.map((_, i) => `library${i}`);

mkdirSync("src/generated", { recursive: true });
writeFileSync(
  "src/generated/registry.ts",
  [
    "// Made by scripts/gen-registry.ts. Do not edit.",
    'import type { Library } from "../libraries/descriptor.ts";',
    ...imports,
    "",
    `export const libraries: readonly Library[] = [${names.join(", ")}];`,
    "",
  ].join("\n"),
);
