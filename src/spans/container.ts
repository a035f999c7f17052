/** Which container and pod a process lives in, from texts that the kernel keeps about it. */

/** A container's id at the end of a cgroup's path, with the prefix and suffix of Docker, containerd, CRI-O, podman. */
const cgroupContainer = /^(?:[a-z-]+-)?([0-9a-f]{64})(?:\.scope)?$/;

/** Amazon ECS on Fargate: task id and number. */
const fargateContainer = /^[0-9a-f]{32}-\d{1,20}$/;

/** Docker and podman mount these files from a folder that is named after the container. */
const mountContainer = /\/containers\/([0-9a-f]{64})\/[^ ]* \/etc\/(?:hostname|hosts|resolv\.conf) /;

/** Kubernetes: "pod" and the pod's uid, with "_" for "-" where systemd makes the cgroups. */
const cgroupPod =
  /\/(?:[a-z-]*-)?pod([0-9a-f]{8}([-_])[0-9a-f]{4}\2[0-9a-f]{4}\2[0-9a-f]{4}\2[0-9a-f]{12})(?:\.slice)?(?:\/|$)/m;

/**
 * The container's id from /proc/PID/cgroup; where a cgroup namespace hides the path ("0::/"), from /proc/PID/mountinfo.
 */
export function containerId(cgroup: string, mountinfo: string): string | undefined {
  for (const line of cgroup.split("\n")) {
    // The last part only: an outer container may hold the one that counts.
    const last = line.slice(line.lastIndexOf("/") + 1);
    const id = cgroupContainer.exec(last)?.[1] ?? fargateContainer.exec(last)?.[0];
    if (id) return id;
  }
  return mountContainer.exec(mountinfo)?.[1];
}

export function podUid(cgroup: string): string | undefined {
  return cgroupPod.exec(cgroup)?.[1]?.replaceAll("_", "-");
}
