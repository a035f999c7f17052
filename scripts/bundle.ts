/** Bundles the agent into dist/: one file, and pieces that load only when they are needed (gRPC, the console). */
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { build } from "esbuild";

const { outputFiles } = await build({
  entryPoints: { cli: "src/cli.ts" },
  outdir: "dist",
  write: false,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  mainFields: ["module", "main"],
  minifySyntax: true,
  legalComments: "none",
  logLevel: "warning",
  // Dependencies that are CommonJS ask for Node's own modules by require().
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
});

// By rename, and the old pieces last: an agent may be starting from here at this moment.
mkdirSync("dist", { recursive: true });
for (const { path, contents } of outputFiles) {
  writeFileSync(`${path}.new`, contents);
  renameSync(`${path}.new`, path);
}
const current = new Set(outputFiles.map(({ path }) => basename(path)));
for (const file of readdirSync("dist")) {
  if (file.endsWith(".js") && !current.has(file)) rmSync(`dist/${file}`);
}
