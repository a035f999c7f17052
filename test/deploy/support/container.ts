/** Containers, run by runc as Docker and Kubernetes do: https://github.com/opencontainers/runtime-spec */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Running, start } from "../../e2e/support/process.ts";

export interface ContainerOptions {
  readonly root: string;
  /** The root is only what lies over this machine's. */
  readonly overlay?: boolean;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** "UID:GID" */
  readonly user?: string;
  /** Without "CAP_"; what --cap-add or capabilities.add give, all others being dropped. */
  readonly capabilities?: readonly string[];
  /** Of another container: its process namespace is shared. */
  readonly processesOf?: Container;
  /** allowPrivilegeEscalation: false. */
  readonly noNewPrivileges?: boolean;
  /** Folders and files of this machine by the place where they are seen, read-only. */
  readonly mounts?: Readonly<Record<string, string>>;
}

export interface Container {
  readonly running: Running;
  /** Process id of its first process, in this machine's numbers. */
  pid(): number;
  /** Another process in it, as its user; gives the exit code. */
  run(command: readonly string[], env?: Readonly<Record<string, string>>): number | null;
  stop(signal?: NodeJS.Signals): ReturnType<Running["stop"]>;
}

/** Mounts a copy of the folder $0 over this machine's root, for the container $1 alone. */
export const overlaid = `mkdir work root && mount -t tmpfs tmpfs work && cp -a "$0" work/upper && mkdir work/work &&
  mount -t overlay overlay -o lowerdir=/,upperdir=work/upper,workdir=work/work root && exec runc run "$1"`;

let count = 0;
const names = new Set<string>();

/** Ends what a failing test has left running. */
export function stopContainers(): void {
  for (const name of names) execFileSync("runc", ["delete", "--force", name]);
}

/** In namespaces of its own, but for the network: the tests' collector listens on the loopback address. */
export async function startContainer(options: ContainerOptions): Promise<Container> {
  const bundle = await mkdtemp(join(tmpdir(), "otel-go-auto-container-"));
  const name = `otel-go-auto-test-${process.pid}-${count++}`;
  await writeFile(join(bundle, "config.json"), JSON.stringify(configuration(options)));
  const running = options.overlay
    ? start("unshare", ["--mount", "sh", "-c", overlaid, options.root, name], { cwd: bundle })
    : start("runc", ["run", "--bundle", bundle, name]);
  names.add(name);
  const forget = async () => {
    names.delete(name);
    await rm(bundle, { recursive: true, force: true });
  };
  running.exited.then(forget, forget);
  return {
    running,
    pid: () => JSON.parse(execFileSync("runc", ["state", name], { encoding: "utf8" })).pid,
    run(command, env = {}) {
      const variables = Object.entries(env).flatMap(([key, value]) => ["--env", `${key}=${value}`]);
      return spawnSync("runc", ["exec", ...variables, name, ...command]).status;
    },
    async stop(signal = "SIGTERM") {
      try {
        execFileSync("runc", ["kill", name, signal], { stdio: "ignore" });
      } catch {
        // It has ended by itself, and runc has removed it.
      }
      return running.ended();
    },
  };
}

function configuration(options: ContainerOptions): object {
  const [uid = 0, gid = 0] = (options.user ?? "0:0").split(":").map(Number);
  const added = (options.capabilities ?? []).map((name) => `CAP_${name}`);
  const shared = options.processesOf && { path: `/proc/${options.processesOf.pid()}/ns/pid` };
  return {
    ociVersion: "1.0.2",
    process: {
      args: options.command,
      env: Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`),
      cwd: "/",
      user: { uid, gid },
      // moby's oci_linux.go and containerd's spec_unix.go: a user other than root gets them in the bounding set alone.
      capabilities: { bounding: added, effective: uid === 0 ? added : [], permitted: uid === 0 ? added : [] },
      noNewPrivileges: options.noNewPrivileges ?? false,
    },
    root: { path: options.overlay ? "root" : options.root, readonly: true },
    mounts: [
      { destination: "/proc", type: "proc", source: "proc" },
      { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755", "size=65536k"] },
      { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
      {
        destination: "/sys/fs/cgroup",
        type: "cgroup2",
        source: "cgroup",
        options: ["nosuid", "noexec", "nodev", "ro"],
      },
      ...Object.entries(options.mounts ?? {}).map(([destination, source]) => ({
        destination,
        source,
        type: "bind",
        options: ["rbind", "ro"],
      })),
    ],
    linux: {
      namespaces: [
        { type: "pid", ...shared },
        { type: "mount" },
        { type: "ipc" },
        { type: "uts" },
        { type: "cgroup" },
      ],
      maskedPaths: ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"],
      readonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
    },
  };
}
