/** What this process may do: user, capabilities, and what may take them away again. */
import { mayWatchSockets } from "../kernel/index.ts";
import { type CapabilityUse, capabilityUses } from "../report/capabilities.ts";
import { type Check, ok, problem, warning } from "../report/doctor.ts";
import { rightsWords as words } from "../report/doctor-words.ts";
import { ExitCode } from "../report/exit-code.ts";
import { type Capability, heldCapabilities, heldFor } from "../target/capabilities.ts";
import { readStatus, tryRead } from "../target/proc.ts";
import { inInitialUserNamespace } from "../target/user-namespace.ts";

/** `programsLoad`: whether BPF programs were seen to load. */
export function lookAtRights(programsLoad: boolean): readonly Check[] {
  return [
    ok("rights.user", "user", words.user(process.getuid?.() ?? -1)),
    ...capabilities(programsLoad),
    ok(
      "rights.no_new_privs",
      "no_new_privs",
      words.noNewPrivileges(readStatus("self", "NoNewPrivs") === "1"),
    ),
    seccomp(programsLoad),
    userNamespace(programsLoad),
    ...securityModule(),
  ];
}

/** Those that are of use on some kernels only are asked for by what needs them. */
function capabilities(programsLoad: boolean): readonly Check[] {
  const held = heldCapabilities();
  const uses: readonly [string, CapabilityUse][] = Object.entries(capabilityUses);
  return uses
    .filter(([, { only }]) => only === undefined)
    .map(([name, use]) =>
      capability(name as Capability, use, heldIn(name as Capability, held, programsLoad)),
    );
}

/** In whose place a larger one counts is found by trying, where kernels differ. */
function heldIn(
  name: Capability,
  held: ReadonlySet<Capability>,
  programsLoad: boolean,
): Capability | undefined {
  const by = heldFor(name, held);
  const differs = name === "CAP_NET_ADMIN" && by !== name && programsLoad;
  return differs && !mayWatchSockets() ? undefined : by;
}

function capability(name: Capability, { allows, without }: CapabilityUse, by: Capability | undefined): Check {
  const id = `rights.${name}`;
  if (by !== undefined) return ok(id, name, by === name ? words.held(allows) : words.included(by, allows));
  const found = words.missing(name, allows, without);
  return without === undefined ? problem(id, name, found, ExitCode.noPermission) : warning(id, name, found);
}

/** man 5 proc_pid_status: 2 is SECCOMP_MODE_FILTER. */
function seccomp(programsLoad: boolean): Check {
  const filters = readStatus("self", "Seccomp") === "2";
  return filters && !programsLoad
    ? warning("rights.seccomp", "seccomp", words.seccompInTheWay)
    : ok("rights.seccomp", "seccomp", words.seccomp(filters, programsLoad));
}

function userNamespace(programsLoad: boolean): Check {
  const [id, title] = ["rights.user_namespace", "user namespace"] as const;
  if (inInitialUserNamespace()) return ok(id, title, words.initialUserNamespace);
  return programsLoad
    ? warning(id, title, words.userNamespace)
    : problem(id, title, words.userNamespace, ExitCode.noPermission);
}

/** AppArmor's profile or SELinux' context, where there is one. */
function securityModule(): readonly Check[] {
  const label = tryRead("/proc/self/attr/current", 4096)?.toString().replace(/\0.*$/s, "").trim();
  return label ? [ok("rights.security_module", "security module", words.securityModule(label))] : [];
}
