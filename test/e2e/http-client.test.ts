// Runs test/libraries/net/http/client/cases.yaml: a Go program that calls others, traced, and its spans as whole trees.
import { join } from "node:path";
import { after } from "node:test";
import { clientFolder, startClient } from "./support/http-client.ts";
import { programs } from "./support/matrix.ts";
import { stopAll } from "./support/process.ts";
import { isBefore } from "./support/server.ts";
import { describeTrees } from "./support/tree-run.ts";

const versions = new Map(programs.map(({ go, stripped }) => [`${go} ${stripped}`, { go, stripped }]));

after(() => stopAll());

for (const { go, stripped } of versions.values())
  describeTrees({
    title: `net/http client, Go ${go}${stripped ? ", stripped" : ""}`,
    cases: join(clientFolder, "cases.yaml"),
    go,
    withoutRoutes: isBefore(go, 22),
    start: () => startClient(go, stripped),
  });
