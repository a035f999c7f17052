import { type PropagatorName, readObject } from "../../../../src/kernel/index.ts";
import { library } from "../../../../src/libraries/google.golang.org/grpc/client/socket/index.ts";
import { type Attached, attach } from "../../support/agent.ts";
import { compileProbe } from "../../support/object.ts";
import { calling } from "../../support/sending.ts";

const arch = process.arch === "x64" ? "amd64" : "arm64";

/** The socket tier of gRPC, whose spans are those of the test's own probe. */
export function attachCalls(pid: number, propagators?: readonly PropagatorName[]): Attached {
  return attach(pid, propagators, [
    { library, object: (guarded) => readObject(arch, library.path, guarded) },
    { library: calling, object: (guarded) => compileProbe("grpc/probe", guarded) },
  ]);
}
