import { everyGoVersion } from "../../fixtures/go-binaries.ts";
import type { GoProgram } from "./server.ts";

const newest = "1.26.8";
/** Maps of buckets, no Request.Pattern, no h2c of net/http's own. */
const older = "1.22.12";
/** The last of those whose functions start without PUSHQ BP: their probes sit on the stack check. */
const oldest = "1.20.14";

/** The program that tests use which are not about Go versions. */
export const usual: GoProgram = { go: newest, stripped: true, program: "std" };

/** Programs that the cases run on: a representative few, or with OTEL_GO_AUTO_MATRIX=1 all versions. */
export const programs: readonly GoProgram[] =
  process.env.OTEL_GO_AUTO_MATRIX === "1"
    ? everyGoVersion.flatMap((go) =>
        [false, true].flatMap((stripped) => [
          { go, stripped, program: "std" as const },
          { go, stripped, program: "x" as const },
        ]),
      )
    : [
        usual,
        { go: newest, stripped: true, program: "x" },
        { go: older, stripped: false, program: "std" },
        { go: oldest, stripped: true, program: "std" },
      ];

export function describeProgram({ go, stripped, program }: GoProgram): string {
  return `Go ${go}${stripped ? ", stripped" : ""}${program === "x" ? ", x/net/http2/h2c" : ""}`;
}
