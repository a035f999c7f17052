/**
 * What tracing costs a server whose request makes ten nested spans with OpenTelemetry's API: beside-bare.ts.
 *
 *   node --import tsx test/bench/api.ts [--rounds 9] [--seconds 2] [--connections 1,8,64]
 */
import { apiBuilds, buildApi } from "../libraries/go.opentelemetry.io/program.ts";
import { compareWithBare } from "./beside-bare.ts";

await compareWithBare({ executable: await buildApi(apiBuilds.newest), path: "/ten" });
