import { type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import { version } from "../report/version.ts";
import { readStat, tryRead } from "../target/proc.ts";
import { containerId } from "./container.ts";
import { readHost } from "./host.ts";
import { instanceId } from "./instance-id.ts";
import { kubernetesAttributes } from "./kubernetes.ts";
import { schemaUrl } from "./scope.ts";

/** Of what the agent says of itself. */
export const agentScope = { name: "otel-go-auto", version };

/** Who sends what the agent says of itself. The user's service name and attributes are the target's, not the agent's. */
export function agentResource(environmentName: string | undefined): Resource {
  const { pid } = process;
  const { host, mountinfo } = readHost(pid);
  const cgroup = tryRead("/proc/self/cgroup", 64 * 1024)?.toString("utf8") ?? "";
  const container = containerId(cgroup, mountinfo);
  const variables = new Map(Object.entries(process.env).map(([name, value]) => [name, value ?? ""]));
  return resourceFromAttributes(
    {
      "service.name": "otel-go-auto",
      "service.version": version,
      "service.instance.id": instanceId({ bootId: host.bootId, pid, startTime: readStat(pid).startTime }),
      "process.pid": pid,
      "host.name": host.name,
      ...(container && { "container.id": container }),
      ...(environmentName && { "deployment.environment.name": environmentName }),
      ...kubernetesAttributes(variables, cgroup),
    },
    { schemaUrl },
  );
}
