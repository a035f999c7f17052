/** Bundles the agent into dist/: one file, and pieces that load only when they are needed (gRPC, the console). */
import { readdirSync, rmSync } from "node:fs";
import { build } from "esbuild";

for (const file of readdirSync("dist")) if (file.endsWith(".js")) rmSync(`dist/${file}`);

await build({
  entryPoints: { cli: "src/cli.ts" },
  outdir: "dist",
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
