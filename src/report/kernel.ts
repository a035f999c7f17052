import { ExitCode } from "./exit-code.ts";
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

export function permissionMissing(doing: string, missing: readonly string[]): UserError {
  const names = missing.join(", ");
  return new UserError(ExitCode.noPermission, {
    what: `No permission to ${doing}: ${names} ${missing.length === 1 ? "is" : "are"} missing`,
    why: "the kernel lets only processes with these capabilities do it (before Linux 5.8: CAP_SYS_ADMIN)",
    next: `run as root, or give this process ${names}`,
  });
}

/** The capabilities are there and the kernel refuses all the same. */
export function permissionRefused(doing: string, code: string): UserError {
  return new UserError(ExitCode.noPermission, {
    what: `No permission to ${doing}`,
    why: `the kernel answers ${code} although the capabilities are held: a container's seccomp profile, a user namespace or a security module stands in the way`,
    next: "run it outside of the container, or with a seccomp profile that allows bpf and perf_event_open",
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
    why: `${program}: ${code}${lastWords(log)}`,
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
    why: `${code}${lastWords(log)}`,
    works: "all other libraries",
    next: "report it with the output of --verbose and the kernel's version",
  };
  return new KernelRefusal(ExitCode.failure, explanation, log);
}

export function siteRefused(object: string, program: string, code: string, log: string): UserError {
  const ended = code === "ESRCH" || code === "ENOENT";
  const explanation = {
    what: `A probe for ${object} can't be attached`,
    why: ended ? `${program}: the process has ended` : `${program}: ${code}${lastWords(log)}`,
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
