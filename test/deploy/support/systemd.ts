/** systemd as the first process of a container that has this machine's files, written to without a trace. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Running, start } from "../../e2e/support/process.ts";
import { overlaid } from "./container.ts";

export interface Systemd {
  readonly running: Running;
  /** What a shell's command beside it prints, errors too. */
  run(command: string): string;
  stop(): Promise<void>;
}

let count = 0;

/** It starts these units. What is in the folder `over` lies over this machine's files; systemd writes there, too. */
export async function startSystemd(units: readonly string[], over: string): Promise<Systemd> {
  const bundle = mkdtempSync(join(tmpdir(), "otel-go-auto-systemd-"));
  const name = `otel-go-auto-systemd-${process.pid}-${count++}`;
  const target = `[Unit]\nDefaultDependencies=no\nWants=${units.join(" ")}\n`;
  writeFileSync(join(over, "etc/systemd/system/test.target"), target);
  writeFileSync(join(bundle, "config.json"), JSON.stringify(configuration));
  const running = start("unshare", ["--mount", "sh", "-c", overlaid, over, name], { cwd: bundle });
  return {
    running,
    run: (command) =>
      spawnSync("runc", ["exec", name, "sh", "-c", `${command} 2>&1`], { encoding: "utf8" }).stdout,
    async stop() {
      await start("runc", ["delete", "--force", name]).exited;
      await running.ended();
      rmSync(bundle, { recursive: true });
    },
  };
}

/** linux/capability.h, in the order of their numbers */
const names =
  "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE".split(
    " ",
  );
/** All that this process has itself. */
const held = BigInt(`0x${/^CapEff:\s*(\S+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]}`);
const capabilities = names.filter((_, number) => (held >> BigInt(number)) & 1n).map((name) => `CAP_${name}`);

const tmpfs = (destination: string) => ({
  destination,
  type: "tmpfs",
  source: "tmpfs",
  options: ["nosuid", "mode=755"],
});

/** https://systemd.io/CONTAINER_INTERFACE; with /proc/sys read-only it can't change this machine's settings. */
const configuration = {
  ociVersion: "1.0.2",
  process: {
    args: ["/lib/systemd/systemd", "--system", "--unit=test.target"],
    env: ["container=runc", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
    cwd: "/",
    user: { uid: 0, gid: 0 },
    capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
  },
  root: { path: "root" },
  mounts: [
    { destination: "/proc", type: "proc", source: "proc" },
    tmpfs("/dev"),
    { destination: "/sys", type: "sysfs", source: "sysfs", options: ["ro"] },
    { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["rw"] },
    tmpfs("/run"),
  ],
  linux: {
    namespaces: ["pid", "mount", "ipc", "uts", "cgroup"].map((type) => ({ type })),
    readonlyPaths: ["/proc/sys"],
  },
};
