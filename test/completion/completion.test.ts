import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { runCli } from "../cli/run-cli.ts";
import { sleep } from "../e2e/support/process.ts";

const folder = mkdtempSync(join(tmpdir(), "otel-go-auto-completion-"));
after(() => rmSync(folder, { recursive: true }));

before(async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { stdout, stderr, code } = await runCli(["completion", shell]);
    assert.equal(code, 0, stderr);
    writeFileSync(join(folder, shell), stdout);
  }
  mkdirSync(join(folder, "a folder"));
  writeFileSync(join(folder, "config.yaml"), "");
});

/** A shell of its own, at a terminal, in which the command tells what it was called with. */
const shells = {
  bash: {
    start: "bash --norc --noprofile -i",
    prepare: `PS1='ready> '; bind 'set enable-bracketed-paste off'; otel-go-auto() { printf 'called<%s>\\n' "$*"; }; source ${folder}/bash`,
  },
  zsh: {
    start: "zsh -f -i",
    prepare: `PS1='ready> '; unsetopt zle_bracketed_paste; autoload -Uz compinit && compinit -u -D; otel-go-auto() { printf 'called<%s>\\n' "$*"; }; source ${folder}/zsh`,
  },
  fish: {
    start: "fish --no-config -i",
    prepare: `function fish_prompt; echo 'ready> '; end; function otel-go-auto; echo "called<$argv>"; end; source ${folder}/fish`,
  },
} as const;

const cases = [
  ["--prot\tgr\t", "--protocol grpc"],
  ["--log-level wa\t", "--log-level warn"],
  ["insp\t--js\t", "inspect --json"],
  ["completion fi\t", "completion fish"],
  ["doctor --log-level=wa\t", "doctor --log-level=warn"],
  ["--disable net/http/serverm\b\t", "--disable net/http/server"],
  [`--config ${folder}/conf\t`, `--config ${folder}/config.yaml`],
  [`inspect ${folder}/conf\t`, `inspect ${folder}/config.yaml`],
  ["run -- mkfif\t", "run -- mkfifo"],
  ["run --log-level wa\t -- mkfif\t", "run --log-level warn -- mkfifo"],
] as const;

for (const [name, { start, prepare }] of Object.entries(shells)) {
  test(`${name} completes commands, flags, their values and files`, { timeout: 120_000 }, async (t) => {
    const terminal = spawn("script", ["-qec", start, "/dev/null"], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, TERM: "dumb", LANG: "C.UTF-8" },
    });
    t.after(() => terminal.kill("SIGKILL"));
    let output = "";
    terminal.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    const type = async (keys: string, answer: RegExp) => {
      const before = output.length;
      terminal.stdin.write(keys);
      while (!answer.test(output.slice(before))) {
        assert.equal(terminal.exitCode, null, output);
        await sleep(20);
        if (t.signal.aborted) throw new Error(output);
      }
      return output.slice(before);
    };
    await type(`${prepare}; echo pre''pared\n`, /^prepared/m);
    for (const [keys, words] of cases) {
      const answer = await type(`otel-go-auto ${keys}\n`, /called<.*>/);
      // zsh puts a "=" between a flag and its value.
      const called = /called<(.*?) ?>/.exec(answer)?.[1]?.replace(/(--\S+)=/, "$1 ");
      assert.equal(called, words.replace(/(--\S+)=/, "$1 "), answer);
      assert.doesNotMatch(answer, /unmatched|error/);
    }
  });
}

test("bash and fish know the running processes", () => {
  const bash = `source ${folder}/bash; COMP_WORDS=(otel-go-auto --pid ""); COMP_CWORD=2; _otel_go_auto; echo "\${COMPREPLY[*]}"`;
  const fish = `source ${folder}/fish; complete -C "otel-go-auto inspect --pid "`;
  for (const [shell, script] of [
    ["bash", bash],
    ["fish", fish],
  ] as const) {
    const said = execFileSync(shell, ["-c", script], { encoding: "utf8" });
    assert.match(said, new RegExp(`\\b${process.pid}\\b`), shell);
  }
});

test("a shell that isn't known", async () => {
  const { code, stderr } = await runCli(["completion", "tcsh"]);
  assert.equal(code, 2);
  assert.match(stderr, /unknown shell "tcsh"/);
  assert.match(stderr, /valid is bash, zsh, fish/);
});
