/** The part of the agent that writes trace context out, driven by a probe of the test's own. */
import { openRunning } from "../../../src/binary/running.ts";
import { KernelSession, type PropagatorName, probeKernel, SocketTier } from "../../../src/kernel/index.ts";
import type { Library } from "../../../src/libraries/descriptor.ts";
import { planLibraries } from "../../../src/plan/plan.ts";
import type { Attachment } from "../../../src/plan/types.ts";
import { executableMappings, loadBias } from "../../../src/target/mappings.ts";
import { openTarget } from "../../../src/target/open.ts";
import type { Target } from "../../../src/target/target.ts";
import { compileProbe } from "./object.ts";
import { sending } from "./sending.ts";

/** A library, and the bytes of its object for kernels with, or without, private stacks. */
export interface Part {
  readonly library: Library;
  readonly object: (guarded: boolean) => Buffer;
}

export interface Attached {
  readonly tier: SocketTier;
  readonly adopted: number;
  close(): void;
}

const http: readonly Part[] = [{ library: sending, object: (guarded) => compileProbe("probe", guarded) }];

/** `parts`: in the order of attaching. */
export function attach(
  pid: number,
  propagators: readonly PropagatorName[] = ["tracecontext", "baggage"],
  parts = http,
): Attached {
  const target = openTarget(pid);
  const plans = planParts(target, parts);
  const tier = SocketTier.open(target);
  if (typeof tier === "string") throw new Error(tier);
  const features = probeKernel();
  const session = new KernelSession(
    {
      pid,
      exe: target.exeLink,
      sharedMaps: ["open_spans", "counters"],
      existingMaps: tier.maps,
      objects: plans.map((plan, i) => ({
        name: plan.library.name,
        bytes: parts[i]?.object(features.privateStack) ?? Buffer.alloc(0),
        globals: new Map([...plan.globals, ["entry_is_stack_check", stackCheck(plan)] as const]),
        programs: plan.programs,
      })),
    },
    features,
  );
  for (const status of session.statuses) if (!status.attached) throw status.error;
  const adoption = tier.start(propagators);
  if (adoption.failed > 0 || adoption.refused)
    throw new Error(`${adoption.failed} connections not adopted, ${adoption.refused}`);
  return {
    tier,
    adopted: adoption.adopted,
    close: () => {
      session.close();
      tier.close();
    },
  };
}

function planParts(target: Target, parts: readonly Part[]): readonly Attachment[] {
  const binary = openRunning(target);
  try {
    const bias = loadBias(executableMappings(target), binary.segments);
    const libraries = parts.map(({ library }) => library);
    const options = { disabled: [], loadBias: bias ?? 0, offsets: () => [] };
    return planLibraries(binary, libraries, options).map((plan) => {
      if (plan.status !== "attach") throw new Error(plan.reason);
      if (plan.without.length > 0) throw new Error(plan.without.join());
      return plan;
    });
  } finally {
    binary.close();
  }
}

function stackCheck({ programs }: Attachment): Buffer {
  return Buffer.from([Number(programs.some(({ sites }) => sites.some(({ flagsTest }) => flagsTest)))]);
}
