/** The image and a program to trace with it, in containers beside each other. */
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repository } from "../../e2e/support/agent.ts";
import { type Collector, startCollector } from "../../e2e/support/collector.ts";
import { clientFolder } from "../../e2e/support/http-client.ts";
import { stopAll } from "../../e2e/support/process.ts";
import { buildGo } from "../../fixtures/go-binaries.ts";
import { type Container, type ContainerOptions, startContainer, stopContainers } from "./container.ts";
import { buildImage, type Image, packContext } from "./image.ts";

/** What the files in deploy/ add for the agent. */
export const capabilities = ["BPF", "PERFMON", "SYS_PTRACE", "NET_ADMIN", "DAC_READ_SEARCH"];

export interface Pod {
  readonly image: Image;
  readonly collector: Collector;
  /** What Docker's client would send of the checkout. */
  readonly context: string;
  /** Folder of a statically linked program, "server". */
  readonly app: string;
  /** A container that has nothing but the program, /app/server: /proxied passes a request on. */
  startApp(): Promise<App>;
  /** The image beside it. */
  startAgent(app: App, more?: Partial<ContainerOptions>): Promise<Container>;
  /** What the program passed on, by its URL: the headers that arrived. */
  readonly passedOn: ReadonlyMap<string, NodeJS.Dict<string | string[]>>;
  /** Of the program's command. */
  readonly appArguments: readonly string[];
  close(): Promise<void>;
}

export interface App extends Container {
  readonly url: string;
}

export async function createPod(): Promise<Pod> {
  const folder = mkdtempSync(join(tmpdir(), "otel-go-auto-pod-"));
  chmodSync(folder, 0o755);
  const [context, root] = [join(folder, "context"), join(folder, "app")];
  for (const place of ["context", "app/app", "app/proc", "app/sys", "app/dev", "app/tmp"])
    mkdirSync(join(folder, place), { recursive: true });
  await packContext(repository, context);
  const image = await buildImage("deploy/docker/Dockerfile", { "": context });
  const server = await buildGo({
    go: "1.26.8",
    source: join(clientFolder, "app"),
    flags: ["-ldflags=-s -w"],
    env: { CGO_ENABLED: "0" },
  });
  cpSync(server, join(root, "app/server"));

  const passedOn = new Map<string, NodeJS.Dict<string | string[]>>();
  const back = createServer((request, response) => {
    passedOn.set(request.url ?? "", request.headers);
    response.end("ok");
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => back.once("listening", resolve));
  const appArguments = ["-h1", `http://127.0.0.1:${(back.address() as AddressInfo).port}`];
  const collector = await startCollector();

  return {
    image,
    context,
    collector,
    passedOn,
    appArguments,
    app: join(root, "app"),
    async startApp() {
      const app = await startContainer({
        root,
        command: ["/app/server", ...appArguments],
        user: "1000:1000",
      });
      const [, address] = await app.running.waitFor(/^listening (\S+) h1$/m);
      return { ...app, url: `http://${address}` };
    },
    startAgent: (app, more = {}) =>
      startContainer({
        root: image.root,
        command: [...image.entrypoint, ...image.command],
        user: image.user,
        capabilities,
        processesOf: app,
        ...more,
        env: {
          ...image.env,
          OTEL_EXPORTER_OTLP_ENDPOINT: collector.httpEndpoint,
          OTEL_GO_AUTO_TARGET_EXE: "/app/server",
          OTEL_BSP_SCHEDULE_DELAY: "100",
          ...more.env,
        },
      }),
    async close() {
      back.closeAllConnections();
      back.close();
      stopContainers();
      await collector.stop();
      await stopAll();
      await image.remove();
      rmSync(folder, { recursive: true });
    },
  };
}
