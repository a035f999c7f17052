/** The command line of QEMU for one guest. Emulation only: it works where there is no KVM. */
import { join } from "node:path";
import { type Kernel, vmCache } from "./kernels.ts";

const tools = join(vmCache, "tools");

/** Per architecture: emulator, machine, the console's device and what the root directory is. */
const machines = {
  amd64: {
    emulator: "qemu-system-x86_64",
    options: ["-M", "q35", "-cpu", "Nehalem"],
    console: "ttyS0",
    root: "/",
  },
  arm64: {
    emulator: "qemu-system-aarch64",
    options: ["-M", "virt", "-cpu", "cortex-a72"],
    console: "ttyAMA0",
    root: join(vmCache, "root-arm64"),
  },
} as const;

export interface Guest {
  readonly kernel: Kernel;
  /** Writable directory, at the same path inside and outside. */
  readonly share: string;
  /** Read-only directories, likewise, for guests whose root is not the host's. */
  readonly others: readonly string[];
  readonly memoryMb: number;
  readonly cpus: number;
  /** QEMU's own, which takes what the guest sends to 10.0.2.2 to this host's loopback. */
  readonly network: boolean;
}

/** Program, arguments and environment variables; the console goes to `<share>/console`. */
export function qemuCommand(guest: Guest): { program: string; args: string[]; env: NodeJS.ProcessEnv } {
  const { kernel, share } = guest;
  const machine = machines[kernel.arch];
  const directory = join(vmCache, "kernels", kernel.series);
  const args = [
    ...machine.options,
    ...["-accel", "tcg,thread=multi", "-m", `${guest.memoryMb}M`, "-smp", String(guest.cpus)],
    ...[
      "-nographic",
      "-nodefaults",
      "-no-reboot",
      "-L",
      join(tools, "usr/share/qemu"),
      "-L",
      join(tools, "usr/share/seabios"),
    ],
    ...["-serial", `file:${join(share, "console")}`],
    ...["-kernel", join(directory, "vmlinuz"), "-initrd", join(directory, "initramfs")],
    ...["-append", kernelArguments(guest, machine.console)],
    ...shared("root", machine.root, "on"),
    ...shared("share", share, "off"),
    ...(guest.network ? ["-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile="] : []),
    ...others(guest).flatMap((path, number) => shared(`other${number}`, path, "on")),
  ];
  // The library folders hold only what this host lacks.
  const libraries = [join(tools, "usr/lib/x86_64-linux-gnu"), join(tools, "lib/x86_64-linux-gnu")].join(":");
  return {
    program: join(tools, "usr/bin", machine.emulator),
    args,
    env: { ...process.env, LD_LIBRARY_PATH: libraries },
  };
}

/** `name=value` words that the kernel does not know reach the first process as variables. */
function kernelArguments(guest: Guest, console: string): string {
  const paths = [`share=${guest.share}`, `others=${others(guest).join(":")}`];
  // A busy host lets the timer's interrupts come so late that 5.10 takes it for broken, and panics.
  const always = ["quiet", "panic=-1", "oops=panic", "no_timer_check"];
  return [`console=${console}`, ...always, ...paths, ...guest.kernel.arguments].join(" ");
}

function others(guest: Guest): readonly string[] {
  return machines[guest.kernel.arch].root === "/" ? [] : guest.others;
}

function shared(tag: string, path: string, readonly: "on" | "off"): string[] {
  return [
    "-fsdev",
    `local,id=${tag},path=${path},security_model=none,readonly=${readonly},multidevs=remap`,
    "-device",
    `virtio-9p-pci,fsdev=${tag},mount_tag=${tag}`,
  ];
}
