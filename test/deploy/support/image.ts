/**
 * Builds the root file system that a Dockerfile describes, without Docker: each instruction is done in a mount
 * namespace of its own, on overlays of this machine's root, which is the Debian 12 that the base images are made of.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { flag, readDockerfile, type Step } from "./dockerfile.ts";

const execute = promisify(execFile);

export interface Image {
  readonly root: string;
  /** Of the root there is only what lies over this machine's. */
  readonly overlay: boolean;
  readonly env: Readonly<Record<string, string>>;
  /** "65532:65532"; root's when the file doesn't say. */
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
  remove(): Promise<void>;
}

/** Shell commands that fill the empty folder "$root" with a base image. */
type Base = string;

/** This machine's own root, written to without a trace. */
const debian: Base = `mkdir "$root" "$root.upper" "$root.work"
mount -t overlay overlay -o "lowerdir=/,upperdir=$root.upper,workdir=$root.work" "$root"
for place in proc dev; do mount --rbind /$place "$root/$place"; done`;

/** What the image's own list says that it has, as packages: base/BUILD.bazel and cc/BUILD.bazel of distroless. */
const distroless: Base = `for place in bin lib lib64 sbin; do mkdir -p "$root/usr/$place"; ln -s usr/$place "$root/$place"; done
dpkg-query -L base-files netbase tzdata ca-certificates libc6 libssl3 libgcc-s1 libgomp1 libstdc++6 |
  sort -u | { grep -v -e /share/doc/ -e /zoneinfo/ || true; } |
  tar --no-recursion -C / -cf - --files-from=- 2>/dev/null | tar -xf - -C "$root"
cp -a /etc/ssl/certs "$root/etc/ssl/"
echo nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin >"$root/etc/passwd"
mkdir -p "$root/tmp" "$root/proc" "$root/sys" "$root/dev"`;

const bases: Readonly<Record<string, Base>> = {
  "debian:bookworm-slim": debian,
  "node:20-bookworm-slim": `${debian}\ninstall -D ${process.execPath} "$root/usr/local/bin/node"`,
  "gcr.io/distroless/cc-debian12": distroless,
};

/** Folders that COPY reads from: the context, and by name those of `--build-context`, roots of other images too. */
export interface Contexts {
  readonly "": string;
  readonly [name: string]: string;
}

export async function buildImage(dockerfile: string, contexts: Contexts): Promise<Image> {
  const folder = await mkdtemp(join(tmpdir(), "otel-go-auto-image-"));
  const root = join(folder, "root");
  const steps = await readDockerfile(dockerfile);
  await writeFile(join(folder, "build.sh"), buildScript(steps, contexts, root));
  await execute("unshare", ["--mount", "bash", join(folder, "build.sh")], { maxBuffer: 1 << 20 });
  const last = steps.slice(steps.findLastIndex(({ instruction }) => instruction === "FROM"));
  const words = (name: string) => last.find((step) => step.instruction === name)?.arguments ?? [];
  return {
    root,
    overlay: bases[resolved(words("FROM")[0] ?? "", new Map())]?.startsWith(debian) ?? false,
    env: Object.fromEntries(last.filter(({ instruction }) => instruction === "ENV").flatMap(variables)),
    user: words("USER")[0] ?? "0:0",
    entrypoint: words("ENTRYPOINT"),
    command: words("CMD"),
    healthcheck: words("HEALTHCHECK").slice(1),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** BuildKit's parser gives name, value and "=" for each. */
function variables({ arguments: words }: Step): [string, string][] {
  return words.flatMap((word, i) => (i % 3 === 0 ? [[word, words[i + 1] ?? ""] as [string, string]] : []));
}

/** Each stage in a folder of its name in a tmpfs, as an overlay can't stand in what it lies over; the last is kept. */
function buildScript(steps: readonly Step[], contexts: Contexts, result: string): string {
  const lines = [
    "set -euo pipefail",
    "shopt -s nullglob",
    `stages=${quoted(`${result}.stages`)}`,
    'mkdir "$stages"',
    'mount -t tmpfs tmpfs "$stages"',
  ];
  const names: string[] = [];
  const constants = new Map<string, string>();
  const stage = { directory: "/", arguments: "" };
  for (const step of steps) {
    const [first = "", ...more] = step.arguments;
    if (step.instruction === "FROM") {
      names.push(more[1] ?? "");
      Object.assign(stage, { directory: "/", arguments: "" });
      lines.push(`root=$stages/${names.length - 1}`, from(resolved(first, constants), contexts));
    } else if (step.instruction === "ARG") {
      const [name = "", value] = first.split("=");
      if (value !== undefined && !constants.has(name)) constants.set(name, value);
      stage.arguments += `${name}=${constants.get(name)} `;
    } else if (step.instruction === "WORKDIR") {
      stage.directory = first;
      lines.push(`mkdir -p "$root${first}"`);
    } else if (step.instruction === "RUN") {
      lines.push(
        `chroot "$root" env ${stage.arguments} sh -c ${quoted(`cd ${stage.directory} && ${first}`)}`,
      );
    } else if (step.instruction === "COPY") {
      lines.push(...copy(step, stage.directory, names, contexts));
    }
  }
  return [...lines, `cp -a "$(ls -d "$root.upper" || echo "$root")" ${quoted(result)}`].join("\n");
}

function from(image: string, contexts: Contexts): string {
  const folder = contexts[image];
  if (folder !== undefined) return `cp -a ${quoted(folder)} "$root"`;
  const base = bases[image];
  if (base === undefined) throw new Error(`unknown base image ${image}`);
  return base;
}

/** What is in a folder is copied, not the folder; several files go into one. A pattern that fits nothing is an error. */
function copy(step: Step, directory: string, stages: readonly string[], contexts: Contexts): string[] {
  const sources = step.arguments.slice(0, -1);
  const target = step.arguments.at(-1) ?? "";
  const origin = flag(step, "from");
  const place = stages.includes(origin ?? "-")
    ? `"$stages"/${stages.indexOf(origin ?? "-")}`
    : quoted(contexts[origin ?? ""] ?? `no context ${origin}`);
  const owner = flag(step, "chown");
  const to = `"$root"${quoted(target.startsWith("/") ? target : join(directory, target))}`;
  return sources.map((source) => {
    const isFolder = target.endsWith("/") ? `mkdir -p ${to}` : `mkdir -p "$(dirname ${to})"`;
    const kept = origin === undefined ? "--no-preserve=ownership" : "";
    const own =
      owner === undefined
        ? ""
        : `[ ! -d "$source" ] || (cd "$source"; find . -mindepth 1 -exec chown -h ${owner} ${to}/{} \\;)`;
    return `found=(${place}/${source.replace(/^\//, "")}); [ \${#found[@]} -gt 0 ]
for source in "\${found[@]}"; do
  ${isFolder}
  if [ -d "$source" ]; then mkdir -p ${to}; cp -a ${kept} "$source"/. ${to}/; else cp -a ${kept} "$source" ${to}; fi
  ${own}
done`;
  });
}

function resolved(text: string, constants: ReadonlyMap<string, string>): string {
  return text.replace(/\$\{(\w+)\}/g, (_, name: string) => constants.get(name) ?? "");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** What of the repository Docker's client would send, and the package that `npm pack` makes, in a new folder. */
export async function packContext(repository: string, folder: string): Promise<void> {
  await execute("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder], {
    cwd: repository,
  });
  await execute("cp", ["-r", "--parents", "deploy/docker", folder], { cwd: repository });
  if (!(await readdir(folder)).some((name) => name.endsWith(".tgz")))
    throw new Error("npm pack made nothing");
}
