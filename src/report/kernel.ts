import { counted, isOrAre } from "./count.ts";
import { ExitCode } from "./exit-code.ts";
import { printable } from "./printable.ts";
import { systemWords } from "./system-error.ts";
import { UserError } from "./user-error.ts";

/** A refusal by the kernel, with what libbpf and the verifier said (for --verbose; may be empty). */
export class KernelRefusal extends UserError {
  readonly verifierLog: string;

  constructor(exitCode: ExitCode, explanation: UserError["explanation"], verifierLog: string) {
    super(exitCode, explanation);
    this.name = "KernelRefusal";
    this.verifierLog = verifierLog;
  }
}

export function addonMissing(platform: string, file: string): UserError {
  return new UserError(ExitCode.failure, {
    what: `This package has no native addon for ${platform}`,
    why: `${file} is not in it`,
    next: "in a checkout run scripts/build-addon; else install the package on linux x64 or arm64",
  });
}

export function addonUnusable(path: string, message: string): UserError {
  const needed = /version `(GLIBC_[0-9.]+)' not found/.exec(message)?.[1];
  return new UserError(ExitCode.failure, {
    what: "The native addon can't be loaded",
    why:
      needed === undefined
        ? `${path}: ${message}`
        : `it needs ${needed}, and this system's C library is older`,
    next:
      needed === undefined
        ? "run scripts/build-addon in a checkout of this version"
        : "run it in an image with a newer C library, beside the target",
  });
}

/** `moreToAttach`: the kernel may ask for CAP_SYS_ADMIN besides, which stands for all that are missing. */
export function permissionMissing(
  doing: string,
  missing: readonly string[],
  moreToAttach: boolean,
): UserError {
  const names = missing.join(", ");
  return new UserError(ExitCode.noPermission, {
    what: `No permission to ${doing}: ${names} ${isOrAre(missing.length)} missing`,
    why: `the kernel lets only processes with ${missing.length === 1 ? "it" : "them"} do that`,
    next: moreToAttach
      ? `run as root, or give this process CAP_SYS_ADMIN, which stands for ${names}: most kernels without uprobe_multi links, as this one, ask for it to attach probes`
      : `run as root, or give this process ${names}`,
  });
}

/** Kernels without uprobe_multi links let only CAP_SYS_ADMIN attach, by the fix of a fault or by a setting. */
export function perfProbesRefused(release: string, paranoid: number): UserError {
  const strict = paranoid > 2;
  return new UserError(ExitCode.noPermission, {
    what: "No permission to attach a probe: CAP_SYS_ADMIN is missing",
    why: strict
      ? `kernel.perf_event_paranoid is ${paranoid}, and this kernel, ${release}, has no uprobe_multi links, which ask for less`
      : `this kernel, ${release}, has the fix of CVE-2025-38466 and no uprobe_multi links, which ask for less`,
    next: strict
      ? "give this process CAP_SYS_ADMIN, or try sysctl kernel.perf_event_paranoid=2, which is enough on many kernels"
      : "give this process CAP_SYS_ADMIN, or run on Linux 6.10 or later",
  });
}

/** Something in front of the kernel answers to a system call. */
export function systemCallFiltered(doing: string, call: string, code: string): UserError {
  return new UserError(ExitCode.noPermission, {
    what: `No permission to ${doing}: the system call ${call} is refused`,
    why: `a seccomp filter answers ${code} to it, whoever asks; the capabilities are there`,
    next: `run with a seccomp profile that allows ${call}, such as deploy/seccomp.json (Docker: --security-opt seccomp=FILE)`,
  });
}

/** As in rootless containers: the capabilities are there, but not on the host. */
export function userNamespace(doing: string): UserError {
  return new UserError(ExitCode.noPermission, {
    what: `No permission to ${doing} from a user namespace`,
    why: "the kernel asks for capabilities on the host, and those of this process count in its user namespace only",
    next: "run without user namespaces (Docker: --userns=host; not in rootless Docker or podman)",
  });
}

/** Before 5.11 maps and programs count against RLIMIT_MEMLOCK, which only CAP_SYS_RESOURCE can raise. */
export function memoryLockTooLow(doing: string, limit: number, release: string): UserError {
  return new UserError(ExitCode.noPermission, {
    what: `No permission to ${doing}: only ${counted(limit, "byte")} of memory may be locked`,
    why: `on this kernel, ${release}, BPF counts against RLIMIT_MEMLOCK, some 20 MB for each library, and CAP_SYS_RESOURCE to raise it is missing`,
    next: "ulimit -l unlimited (Docker: --ulimit memlock=-1, systemd: LimitMEMLOCK=infinity), or give this process CAP_SYS_RESOURCE",
  });
}

/** The capabilities are there, no filter is known, and the kernel refuses all the same. */
export function permissionRefused(doing: string, code: string): UserError {
  return new UserError(ExitCode.noPermission, {
    what: `No permission to ${doing}`,
    why: `the kernel answers ${code} although the capabilities are held: a security module (SELinux, AppArmor) stands in the way`,
    next: "look for its denials in the audit log, and run with a profile that allows it",
  });
}

/** The BPF ring buffer came with it, and CAP_BPF. */
export const oldestKernel = "5.8";

export function kernelTooOld(feature: string, release: string): UserError {
  return new UserError(ExitCode.kernelTooOld, {
    what: `This kernel lacks ${feature}`,
    why: `it came with Linux ${oldestKernel}, and this is ${release}`,
    next: `run on Linux ${oldestKernel} or later`,
  });
}

export function ringBufferRefused(code: string): UserError {
  return new UserError(ExitCode.failure, {
    what: "The kernel makes no BPF ring buffer",
    why:
      code === "ENOMEM"
        ? "there is no memory left, perhaps in this process's cgroup only"
        : `it answers: ${systemWords(code)}`,
    next:
      code === "ENOMEM"
        ? "raise the memory limit of the agent's container to 128 MiB"
        : "report it with the kernel's version",
  });
}

export function objectInvalid(object: string, message: string): UserError {
  return new UserError(ExitCode.failure, {
    what: `The BPF programs for ${object} don't fit this agent`,
    why: message,
    next: "install the package again, or run scripts/build-ebpf in a checkout",
  });
}

export function objectMissing(file: string): UserError {
  return new UserError(ExitCode.failure, {
    what: `This package has no BPF programs in ${file}`,
    next: "install the package again, or run scripts/build in a checkout",
  });
}

export function mapsDiffer(object: string, map: string): UserError {
  return objectInvalid(
    object,
    `its map ${map} is laid out otherwise than that of the programs loaded before`,
  );
}

/** The verifier refused a program. */
export function programRefused(object: string, program: string, code: string, log: string): UserError {
  const explanation = {
    what: `The kernel refuses a BPF program for ${object}`,
    why: `${program}: ${systemWords(code)}${lastWords(log)}`,
    works: "all other libraries",
    next: "report it with the output of --verbose and the kernel's version",
  };
  return new KernelRefusal(ExitCode.kernelTooOld, explanation, log);
}

/** The programs call functions of the kernel, which are found by its type information. */
export function kernelTypesMissing(object: string, log: string): UserError {
  const explanation = {
    what: `The BPF programs for ${object} can't be loaded`,
    why: "the kernel's type information, /sys/kernel/btf/vmlinux, can't be read",
    next: "mount /sys (sysfs) into the agent's container; else the kernel was built without CONFIG_DEBUG_INFO_BTF",
  };
  return new KernelRefusal(ExitCode.kernelTooOld, explanation, log);
}

/** Loading failed before any program got to the verifier. */
export function objectRefused(object: string, code: string, log: string): UserError {
  const explanation = {
    what: `The kernel refuses the BPF object for ${object}`,
    why: `${systemWords(code)}${lastWords(log)}`,
    works: "all other libraries",
    next: "report it with the output of --verbose and the kernel's version",
  };
  return new KernelRefusal(ExitCode.failure, explanation, log);
}

export function siteRefused(object: string, program: string, code: string, log: string): UserError {
  const ended = code === "ESRCH" || code === "ENOENT";
  const explanation = {
    what: `A probe for ${object} can't be attached`,
    why: ended ? `${program}: the process has ended` : `${program}: ${systemWords(code)}${lastWords(log)}`,
    works: "all other libraries",
    next: ended ? "attach to the running process" : "report it with the output of --verbose",
  };
  return new KernelRefusal(ended ? ExitCode.noTarget : ExitCode.failure, explanation, log);
}

/** The verifier's reason: its last line that isn't a statistic or libbpf's frame. */
function lastWords(log: string): string {
  const lines = log.split("\n").map((line) => line.trim());
  const isReason = (line: string) =>
    line !== "" && !/^(processed \d|libbpf:|prog '|-- END|failed to load)/.test(line);
  const reason = lines.findLast(isReason);
  return reason === undefined ? "" : `, ${reason.slice(0, 200)}`;
}

/** Of programs that older kernels are spared from. */
export function olderKernel(object: string, release: string, oldest: string): UserError {
  return new UserError(ExitCode.kernelTooOld, {
    what: `${object} needs Linux ${oldest} or later`,
    why: `this is ${printable(release)}`,
    works: "what else is traced",
  });
}
