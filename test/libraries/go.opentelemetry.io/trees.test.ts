// Runs cases.yaml: a program that makes spans with versions of OpenTelemetry's API, and whole trees of them.
import { join } from "node:path";
import lt from "semver/functions/lt.js";

import { describeTrees } from "../../e2e/support/tree-run.ts";
import { apiBuilds, apiFolder, startApi, titleOf } from "./program.ts";

for (const build of [apiBuilds.oldestAuto, apiBuilds["1.33"], apiBuilds["1.35"], apiBuilds.newest])
  describeTrees({
    title: `OpenTelemetry API ${titleOf(build)}, Go ${build.go}`,
    cases: join(apiFolder, "cases.yaml"),
    go: build.go,
    omit: ({ library }) => lt(build.otel, library),
    start: () => startApi(build),
  });
