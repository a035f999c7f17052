/** Which processes are meant, and what would be traced in each. */
import { resolve } from "node:path";
import type { Config } from "../config/config.ts";
import type { KernelFeatures } from "../kernel/index.ts";
import { type CheckGroup, warning } from "../report/doctor.ts";
import { targetWords as words } from "../report/doctor-words.ts";
import { refuseWhatNoProcessRuns } from "../target/file.ts";
import { nearMisses } from "../target/near.ts";
import { ProcessScan } from "../target/scan.ts";
import { attempt, isCheck } from "./look.ts";
import { lookAtTarget } from "./target.ts";

export function lookAtTargets(config: Config, features: KernelFeatures | undefined): readonly CheckGroup[] {
  if (!config.enabled) return [{ name: "target", checks: [warning("target.process", "process", words.off)] }];
  const { pids, exe } = config.targets;
  if (exe !== undefined) return lookFor(exe, config, features);
  if (pids.length > 0) return pids.map((pid) => lookAtTarget(pid, config, features));
  return [{ name: "target", checks: [warning("target.process", "process", words.none)] }];
}

/** An executable that is waited for: processes that run it now, which it need not. */
function lookFor(exe: string, config: Config, features: KernelFeatures | undefined): readonly CheckGroup[] {
  const path = resolve(exe);
  const [id, title] = ["target.process", "process"] as const;
  const found = attempt(id, title, () => {
    refuseWhatNoProcessRuns(path);
    const scan = new ProcessScan(path);
    const pids = scan.find(true);
    return pids.length > 0 ? pids : warning(id, title, words.notRunning(path, nearMisses(path, scan.seen)));
  });
  if (isCheck(found)) return [{ name: "target", checks: [found] }];
  return found.map((pid) => lookAtTarget(pid, config, features));
}
