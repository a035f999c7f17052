import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { repository } from "../../e2e/support/agent.ts";
import { buildGo } from "../../fixtures/go-binaries.ts";

const execute = promisify(execFile);

/** Checks files with the libraries of those who read them, see test/deploy/validate; gives their models. */
export async function validate(
  kind: "compose" | "kubernetes" | "dockerfile",
  files: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<unknown[]> {
  const source = join(repository, "test/deploy/validate");
  const validator = await buildGo({ go: "1.26.8", source, flags: [], env: { CGO_ENABLED: "0" } });
  const { stdout } = await execute(validator, [kind, ...files], {
    cwd: repository,
    env: { ...process.env, ...env },
    maxBuffer: 16 << 20,
  });
  return JSON.parse(stdout);
}

/** An instruction as BuildKit's parser reads it. */
export interface Step {
  readonly instruction: string;
  readonly arguments: readonly string[];
  /** "--from=build" */
  readonly flags: readonly string[];
  /** Written as words in brackets, so that no shell is needed. */
  readonly exec: boolean;
}

export async function readDockerfile(file: string): Promise<readonly Step[]> {
  const [steps] = (await validate("dockerfile", [file])) as Step[][];
  return steps ?? [];
}

export function flag(step: Step, name: string): string | undefined {
  return step.flags.find((text) => text.startsWith(`--${name}=`))?.slice(name.length + 3);
}
