/** Where this process runs, and whether targets can be seen from there. */
import { existsSync } from "node:fs";
import { inInitialPidNamespace } from "../kernel/index.ts";
import { type Check, ok, problem, warning } from "../report/doctor.ts";
import { placeWords as words } from "../report/doctor-words.ts";
import { ExitCode } from "../report/exit-code.ts";
import { foreignProc } from "../report/target.ts";
import { hiddenProcesses } from "../target/hints.ts";
import { isOwnProc } from "../target/open.ts";
import { listPids, tryRead } from "../target/proc.ts";

export function lookAtPlace(): readonly Check[] {
  return [
    ok("place.container", "container", words.container(signsOfContainer())),
    ok("place.pid_namespace", "PID namespace", words.pidNamespace(inInitialPidNamespace())),
    processes(),
  ];
}

/** Files and variables that container engines leave. */
function signsOfContainer(): readonly string[] {
  const cgroup = tryRead("/proc/self/cgroup", 65_536)?.toString() ?? "";
  return [
    ...["/.dockerenv", "/run/.containerenv"].filter((path) => existsSync(path)),
    ...(process.env.KUBERNETES_SERVICE_HOST === undefined ? [] : ["Kubernetes"]),
    ...(/docker|containerd|crio|libpod|kubepods/.exec(cgroup) ?? []),
  ];
}

function processes(): Check {
  const [id, title] = ["place.processes", "processes"] as const;
  if (!isOwnProc()) {
    const { explanation, exitCode } = foreignProc();
    return problem(id, title, explanation, exitCode);
  }
  const others = listPids().filter((pid) => pid !== process.pid);
  if (others.length === 0) return problem(id, title, words.alone, ExitCode.noTarget);
  return hiddenProcesses() ? warning(id, title, words.hidden) : ok(id, title, words.processes(others.length));
}
