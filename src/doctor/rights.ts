/** What this process may do: user, capabilities, and what may take them away again. */
import { type Capability, heldCapabilities, missingCapabilities } from "../kernel/index.ts";
import { capabilityUses } from "../report/capabilities.ts";
import { type Check, ok, problem, warning } from "../report/doctor.ts";
import { rightsWords as words } from "../report/doctor-words.ts";
import { ExitCode } from "../report/exit-code.ts";
import { readStatus, tryRead } from "../target/proc.ts";

/** `programsLoad`: whether BPF programs were seen to load. */
export function lookAtRights(programsLoad: boolean): readonly Check[] {
  return [
    ok("rights.user", "user", words.user(process.getuid?.() ?? -1)),
    ...capabilities(),
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

function capabilities(): readonly Check[] {
  const held = heldCapabilities();
  return (Object.keys(capabilityUses) as Capability[]).map((name) => {
    const { allows, without } = capabilityUses[name as keyof typeof capabilityUses];
    const id = `rights.${name}`;
    if (held.has(name)) return ok(id, name, words.held(allows));
    if (missingCapabilities([name], held).length === 0) return ok(id, name, words.included(allows));
    const found = words.missing(name, allows, without);
    return without === undefined ? problem(id, name, found, ExitCode.noPermission) : warning(id, name, found);
  });
}

/** man 5 proc_pid_status: 2 is SECCOMP_MODE_FILTER. */
function seccomp(programsLoad: boolean): Check {
  const filters = readStatus("self", "Seccomp") === "2";
  return filters && !programsLoad
    ? warning("rights.seccomp", "seccomp", words.seccompInTheWay)
    : ok("rights.seccomp", "seccomp", words.seccomp(filters, programsLoad));
}

/** man 7 user_namespaces: the initial one maps all 2^32 - 1 ids to themselves. */
const initialMap = /^\s*0\s+0\s+4294967295\s*$/;

function userNamespace(programsLoad: boolean): Check {
  const [id, title] = ["rights.user_namespace", "user namespace"] as const;
  const map = tryRead("/proc/self/uid_map", 4096)?.toString() ?? "";
  if (initialMap.test(map)) return ok(id, title, words.initialUserNamespace);
  return programsLoad
    ? warning(id, title, words.userNamespace)
    : problem(id, title, words.userNamespace, ExitCode.noPermission);
}

/** AppArmor's profile or SELinux' context, where there is one. */
function securityModule(): readonly Check[] {
  const label = tryRead("/proc/self/attr/current", 4096)?.toString().replace(/\0.*$/s, "").trim();
  return label ? [ok("rights.security_module", "security module", words.securityModule(label))] : [];
}
