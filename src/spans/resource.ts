import { basename } from "node:path";
import type { Attributes } from "@opentelemetry/api";
import { type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import type { BuildInfo } from "../binary/types.ts";
import type { Config } from "../config/config.ts";
import { keyValues } from "../config/values.ts";
import { version } from "../report/version.ts";
import type { Target } from "../target/target.ts";
import { containerId } from "./container.ts";
import { instanceId } from "./instance-id.ts";
import { kubernetesAttributes } from "./kubernetes.ts";
import { schemaUrl } from "./scope.ts";

/** Everything that a resource is made of. */
export interface ResourceFacts {
  readonly service: Config["service"];
  readonly target: Pick<Target, "pid" | "exePath" | "startTime" | "environment" | "cgroup">;
  readonly buildInfo: Pick<BuildInfo, "goVersion" | "main"> | undefined;
  readonly host: { readonly name: string; readonly bootId: string };
  /** Text of the target's /proc/PID/mountinfo; empty when it may not be read. */
  readonly mountinfo: string;
}

/** A target's environment is not ours: more than this of it is left out. */
const limits = { attributes: 64, valueLength: 1024 } as const;

/**
 * Who sends the spans. What the user told us beats what the target's environment says, which beats what can be found
 * out; a variable of its own (OTEL_SERVICE_NAME) beats the list of OTEL_RESOURCE_ATTRIBUTES beside it.
 */
export function resourceOf(facts: ResourceFacts): Resource {
  const attributes: Attributes = {
    ...foundOut(facts),
    ...fromEnvironment(facts.target.environment),
    ...fromConfig(facts.service),
  };
  return resourceFromAttributes(attributes, { schemaUrl });
}

function fromConfig({ name, version, environment, resourceAttributes }: Config["service"]): Attributes {
  return {
    ...resourceAttributes,
    ...serviceAttributes({ name, version, environment }),
  };
}

/** The target's own words. A list that cannot be decoded is left out as a whole, as the specification wants it. */
function fromEnvironment(environment: ReadonlyMap<string, string>): Attributes {
  return {
    ...listed(environment.get("OTEL_RESOURCE_ATTRIBUTES") ?? ""),
    ...serviceAttributes({
      name: environment.get("OTEL_SERVICE_NAME"),
      version: environment.get("OTEL_SERVICE_VERSION"),
      environment: environment.get("OTEL_DEPLOYMENT_ENVIRONMENT"),
    }),
  };
}

function listed(list: string): Attributes {
  try {
    const bounded = Object.entries(keyValues(list)).slice(0, limits.attributes);
    return Object.fromEntries(bounded.map(([key, value]) => [key, value.slice(0, limits.valueLength)]));
  } catch {
    return {};
  }
}

function foundOut({ target, buildInfo, host, mountinfo }: ResourceFacts): Attributes {
  const { pid, exePath, startTime, environment, cgroup } = target;
  const executable = basename(exePath);
  return {
    ...serviceAttributes({ name: executable || "unknown_service:go", version: moduleVersion(buildInfo) }),
    "service.instance.id": instanceId({ bootId: host.bootId, pid, startTime }),
    "process.pid": pid,
    "process.executable.name": executable,
    "process.executable.path": exePath,
    "process.runtime.name": "go",
    ...present("process.runtime.version", buildInfo?.goVersion.text),
    "host.name": host.name,
    ...present("container.id", containerId(cgroup, mountinfo)),
    ...kubernetesAttributes(environment, cgroup),
    // The language is that of the program that the spans tell of.
    "telemetry.sdk.name": "opentelemetry",
    "telemetry.sdk.language": "go",
    "telemetry.sdk.version": version,
    "telemetry.distro.name": "otel-go-auto",
    "telemetry.distro.version": version,
  };
}

/** "(devel)" stands for a build from a working copy without a version. */
function moduleVersion(buildInfo: ResourceFacts["buildInfo"]): string | undefined {
  const version = buildInfo?.main?.version;
  return version === "(devel)" ? undefined : version;
}

function serviceAttributes(service: {
  name?: string | undefined;
  version?: string | undefined;
  environment?: string | undefined;
}): Attributes {
  return {
    ...present("service.name", service.name),
    ...present("service.version", service.version),
    ...present("deployment.environment.name", service.environment),
  };
}

function present(attribute: string, value: string | undefined): Attributes {
  return value ? { [attribute]: value.slice(0, limits.valueLength) } : {};
}
