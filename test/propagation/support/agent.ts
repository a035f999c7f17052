/** The part of the agent that writes trace context out, on the test's own probe: test/propagation/probe.bpf.c. */
import { openRunning } from "../../../src/binary/running.ts";
import { KernelSession, type PropagatorName, probeKernel, SocketTier } from "../../../src/kernel/index.ts";
import { connectionFields, connectionItabs } from "../../../src/libraries/connection-fields.ts";
import { field, type Library } from "../../../src/libraries/descriptor.ts";
import { planLibraries } from "../../../src/plan/plan.ts";
import type { Attachment } from "../../../src/plan/types.ts";
import { executableMappings, loadBias } from "../../../src/target/mappings.ts";
import { openTarget } from "../../../src/target/open.ts";
import type { Target } from "../../../src/target/target.ts";
import { compileSending } from "./object.ts";

const library: Library = {
  path: "test/sending",
  name: "sending",
  module: "std",
  since: "1.17",
  fields: {
    ...connectionFields,
    g_goid: field("runtime.g.goid"),
    request_url: field("net/http.Request.URL"),
    url_path: field("net/url.URL.Path"),
    url_query: field("net/url.URL.RawQuery"),
    url_fragment: field("net/url.URL.Fragment"),
  },
  maps: {},
  itabs: connectionItabs,
  probes: [
    {
      name: "sending",
      program: "http_client_sending",
      site: { at: "entry", functions: ["net/http.(*persistConn).roundTrip"] },
    },
  ],
  toSpan: () => {
    throw new Error("no spans here");
  },
};

export interface Attached {
  readonly tier: SocketTier;
  readonly adopted: number;
  close(): void;
}

export function attach(
  pid: number,
  propagators: readonly PropagatorName[] = ["tracecontext", "baggage"],
): Attached {
  const target = openTarget(pid);
  const plan = planSending(target);
  const tier = SocketTier.open(target);
  if (typeof tier === "string") throw new Error(tier);
  const globals = new Map([...plan.globals, ["entry_is_stack_check", stackCheck(plan)] as const]);
  const features = probeKernel();
  const session = new KernelSession(
    {
      pid,
      exe: target.exeLink,
      sharedMaps: [],
      existingMaps: tier.maps,
      objects: [
        { name: "sending", bytes: compileSending(features.privateStack), globals, programs: plan.programs },
      ],
    },
    features,
  );
  const [status] = session.statuses;
  if (!status?.attached) throw status?.error ?? new Error("nothing attached");
  const { adopted, failed, refused } = tier.start(propagators);
  if (failed > 0 || refused) throw new Error(`${failed} connections not adopted, ${refused}`);
  return {
    tier,
    adopted,
    close: () => {
      session.close();
      tier.close();
    },
  };
}

function planSending(target: Target): Attachment {
  const binary = openRunning(target);
  try {
    const bias = loadBias(executableMappings(target), binary.segments);
    const [plan] = planLibraries(binary, [library], { disabled: [], loadBias: bias ?? 0, offsets: () => [] });
    if (plan?.status !== "attach") throw new Error(plan?.reason);
    if (plan.without.length > 0) throw new Error(plan.without.join());
    return plan;
  } finally {
    binary.close();
  }
}

function stackCheck({ programs }: Attachment): Buffer {
  return Buffer.from([Number(programs.some(({ sites }) => sites.some(({ flagsTest }) => flagsTest)))]);
}
