// Runs cases.yaml: a program that makes spans with versions of OpenTelemetry's API, and whole trees of them.
import { join } from "node:path";
import lt from "semver/functions/lt.js";

import { isBefore } from "../../e2e/support/server.ts";
import { describeTrees } from "../../e2e/support/tree-run.ts";
import { type ApiBuild, apiBuilds, apiFolder, startApi, titleOf } from "./program.ts";

/** Programs without the Auto SDK can't ask it. */
const asksAutoSdk = "/direct";

const builds: readonly ApiBuild[] = [
  ...[apiBuilds["1.0"], apiBuilds["1.21"], apiBuilds["1.32"]],
  ...[apiBuilds.oldestAuto, apiBuilds["1.33"], apiBuilds["1.35"], apiBuilds.newest],
];

for (const build of builds)
  describeTrees({
    title: `OpenTelemetry API ${titleOf(build)}, Go ${build.go}`,
    cases: join(apiFolder, "cases.yaml"),
    go: build.go,
    withoutRoutes: isBefore(build.go, 22),
    omit: ({ library, requests }) =>
      lt(build.otel, library) ||
      (requests.some(({ path }) => path === asksAutoSdk) && build.flags.includes("-tags=noauto")),
    start: () => startApi(build),
  });
