/** Can this kernel do what is needed? By trying, as the agent does at its start. */
import { release } from "node:os";
import {
  addon,
  type KernelFeatures,
  kernelTypesReadable,
  lockdownByTrial,
  lockdownMode,
  probeKernel,
} from "../kernel/index.ts";
import { type Check, ok, problem, warning } from "../report/doctor.ts";
import { kernelWords as words } from "../report/doctor-words.ts";
import { ExitCode } from "../report/exit-code.ts";
import { attempt, isCheck } from "./look.ts";
import { ownTiers, tierChecks } from "./tiers.ts";

export interface KernelFindings {
  readonly checks: readonly Check[];
  /** Undefined when programs don't load here. */
  readonly features: KernelFeatures | undefined;
}

export function lookAtKernel(): KernelFindings {
  const loaded = attempt("kernel.addon", "native addon", addon);
  const before = [
    ok("kernel.release", "release", words.release(release(), process.arch)),
    isCheck(loaded) ? loaded : ok("kernel.addon", "native addon", words.addon(process.arch)),
  ];
  if (isCheck(loaded)) return { checks: [...before, lockdown(undefined)], features: undefined };
  const features = attempt("kernel.programs", "BPF programs", probeKernel);
  if (isCheck(features)) return { checks: [...before, lockdown(undefined), features], features: undefined };
  return {
    checks: [
      ...before,
      lockdown(features),
      ...abilities(features),
      ...tierChecks("kernel", attempt("kernel.socket_tier", "socket tier", ownTiers)),
    ],
    features,
  };
}

/** Where the kernel doesn't show it, a program that writes to a process's memory tells, if programs load at all. */
function lockdown(features: KernelFeatures | undefined): Check {
  const [id, title] = ["kernel.lockdown", "lockdown"] as const;
  const shown = lockdownMode();
  const mode = shown ?? (features && lockdownByTrial());
  if (mode === undefined) return ok(id, title, words.lockdownUnknown);
  const text = shown ?? words.lockdownByTrial(mode);
  return mode === "none" ? ok(id, title, text) : warning(id, title, words.lockdown(text));
}

function abilities({ uprobeMulti, privateStack, mapsOnDemand }: KernelFeatures): readonly Check[] {
  return [
    ok("kernel.programs", "BPF programs", words.programs),
    ok("kernel.links", "probes", words.uprobeMulti(uprobeMulti)),
    ok("kernel.stack", "BPF stack", words.privateStack(privateStack)),
    ok("kernel.maps", "memory of maps", words.mapsOnDemand(mapsOnDemand)),
    types(privateStack),
  ];
}

/** The builds that switch preemption off call functions of the kernel, which are found by its types. */
function types(needed: boolean): Check {
  const [id, title] = ["kernel.types", "kernel's types"] as const;
  if (kernelTypesReadable()) return ok(id, title, words.types);
  return needed
    ? problem(id, title, words.noTypes, ExitCode.kernelTooOld)
    : warning(id, title, words.noTypes);
}
