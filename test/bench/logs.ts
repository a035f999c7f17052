/**
 * What log records as events cost a server whose request writes three, and one that is filtered: beside-bare.ts.
 *
 *   node --import tsx test/bench/logs.ts [--rounds 9] [--seconds 2] [--connections 1,8,64]
 */
import { buildLogs, logBuilds } from "../libraries/log/program.ts";
import { compareWithBare } from "./beside-bare.ts";

const executable = await buildLogs(logBuilds.newest);
for (const logger of logBuilds.newest.loggers)
  for (const wanted of ["false", "true"]) {
    console.log(`${logger}, log events ${wanted}`);
    const env = { OTEL_GO_AUTO_LOG_EVENTS: wanted };
    await compareWithBare({ executable, path: `/levels?logger=${logger}`, env });
  }
