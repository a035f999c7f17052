/** Where a process's cgroup is in the file system: man 7 cgroups, man 5 proc_pid_mountinfo. */

interface Mount {
  /** Path of the directory in its own hierarchy that is mounted. */
  readonly root: string;
  readonly point: string;
}

/** Path of the cgroup2 in the text of /proc/PID/cgroup, seen from our own cgroup namespace; may begin with "/..". */
export function cgroupOf(cgroupFile: string): string | undefined {
  return /^0::(\/.*)$/m.exec(cgroupFile)?.[1]?.replace(/ \(deleted\)$/, "");
}

/** The directories at which that cgroup can be seen, by the text of our /proc/self/mountinfo. */
export function cgroupDirectories(cgroup: string, mountinfo: string): readonly string[] {
  return cgroup2Mounts(mountinfo).flatMap(({ root, point }) => {
    const below = pathBelow(root, cgroup);
    return below === undefined ? [] : [[point.replace(/\/$/, ""), ...below].join("/") || "/"];
  });
}

/** Where cgroup2 is mounted, by the same text. */
export function cgroup2Points(mountinfo: string): readonly string[] {
  return cgroup2Mounts(mountinfo).map(({ point }) => point);
}

function cgroup2Mounts(mountinfo: string): readonly Mount[] {
  return mountinfo.split("\n").flatMap((line) => {
    const [mount, fileSystem] = line.split(" - ", 2);
    const [, , , root, point] = mount?.split(" ") ?? [];
    if (!fileSystem?.startsWith("cgroup2 ") || root === undefined || point === undefined) return [];
    return [{ root: unescaped(root), point: unescaped(point) }];
  });
}

/** Space, tab, newline and backslash stand as octal numbers. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Names from `root` down to `path`; ".." at their begins are names like others: what lies above our namespace. */
function pathBelow(root: string, path: string): readonly string[] | undefined {
  const [from, to] = [segments(root), segments(path)];
  if (from.some((name, i) => to[i] !== name)) return undefined;
  const rest = to.slice(from.length);
  return rest.includes("..") ? undefined : rest;
}

function segments(path: string): string[] {
  return path.split("/").filter((name) => name !== "");
}
