import type { Attributes } from "@opentelemetry/api";
import { podUid } from "./container.ts";

/**
 * Kubernetes tells a process its place only by variables that somebody put into the pod's description: by the names
 * that the OpenTelemetry operator uses, and by those that are customary.
 */
const variablesOf = {
  "k8s.namespace.name": ["OTEL_RESOURCE_ATTRIBUTES_NAMESPACE_NAME", "K8S_NAMESPACE", "POD_NAMESPACE"],
  "k8s.pod.name": ["OTEL_RESOURCE_ATTRIBUTES_POD_NAME", "K8S_POD_NAME", "POD_NAME"],
  "k8s.pod.uid": ["OTEL_RESOURCE_ATTRIBUTES_POD_UID", "K8S_POD_UID", "POD_UID"],
  "k8s.node.name": ["OTEL_RESOURCE_ATTRIBUTES_NODE_NAME", "K8S_NODE_NAME", "NODE_NAME"],
  "k8s.container.name": ["K8S_CONTAINER_NAME", "CONTAINER_NAME"],
} as const;

/** k8s.* of a target; nothing outside of a cluster. Every pod has KUBERNETES_SERVICE_HOST, or its uid in its cgroup. */
export function kubernetesAttributes(environment: ReadonlyMap<string, string>, cgroup: string): Attributes {
  const uid = podUid(cgroup);
  if (uid === undefined && !environment.has("KUBERNETES_SERVICE_HOST")) return {};
  const attributes: Attributes = {};
  for (const [attribute, variables] of Object.entries(variablesOf)) {
    const value = variables.map((name) => environment.get(name)).find(Boolean);
    if (value) attributes[attribute] = value;
  }
  if (uid !== undefined) attributes["k8s.pod.uid"] ??= uid;
  return attributes;
}
