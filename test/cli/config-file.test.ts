import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { runCli, startCli } from "./run-cli.ts";

const directory = mkdtempSync(join(tmpdir(), "otel-go-auto-cli-"));
after(() => rmSync(directory, { recursive: true }));

function fileOf(text: string): string {
  const path = join(directory, "agent.yaml");
  writeFileSync(path, text);
  return path;
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test("a file that isn't valid is exit code 2, with line and column", async () => {
  const file = fileOf("log_level: info\nsampling:\n  ratio: lots\n");
  for (const [args, env] of [
    [["--config", file], {}],
    [[], { OTEL_GO_AUTO_CONFIG: file }],
    [["inspect", "--config", file, "/bin/true"], {}],
  ] as const) {
    const { code, stderr } = await runCli([...args], { ...env, OTEL_GO_AUTO_TARGET_EXE: "/no/such/app" });
    if (args[0] === "inspect") assert.notEqual(code, 2, "what a command doesn't need it doesn't look at");
    else {
      assert.equal(code, 2, stderr);
      assert.match(stderr, /agent\.yaml:3:10: sampling\.ratio has a value that is not valid: "lots"\n/);
    }
  }
});

test("a file that isn't there is exit code 2", async () => {
  const { code, stderr } = await runCli(["--config", "/no/such.yaml", "--pid", "1"]);
  assert.equal(code, 2, stderr);
  assert.match(stderr, /the config file \/no\/such\.yaml can't be read\n +why: there is no such file\n/);
});

test("the target stands in the file; SIGHUP while it waits reads the file again", async () => {
  const file = fileOf("target: {exe: /no/such/app}\n");
  const { child, result, stderr } = startCli(["--config", file]);
  while (!stderr().includes("waiting for a process that runs /no/such/app")) await sleep(10);
  child.kill("SIGHUP");
  while (!stderr().includes("nothing has changed")) await sleep(10);
  writeFileSync(file, "target: {exe: /no/such/app}\nsampling: {ratio: 0.5}\n");
  while (!/sampling: parentbased_always_on → parentbased_traceidratio 0\.5$/m.test(stderr())) await sleep(10);
  child.kill("SIGINT");
  assert.equal((await result).code, 0, stderr());
});

test("also with a file, the agent ends when its terminal goes away", async () => {
  const file = fileOf("target: {exe: /no/such/app}\n");
  const cli = new URL("../../src/cli.ts", import.meta.url).pathname;
  const command = `exec ${process.execPath} --import tsx ${cli} --config ${file}`;
  const terminal = spawn("script", ["-qec", command, "/dev/null"], { stdio: ["pipe", "pipe", "inherit"] });
  let text = "";
  terminal.stdout.on("data", (chunk) => {
    text += chunk;
  });
  while (!text.includes("waiting for a process")) await sleep(10);
  const agent = childOf(terminal.pid ?? 0);
  const end = once(terminal, "exit");
  terminal.kill("SIGKILL");
  await end;
  while (isAlive(agent)) await sleep(10);
});

function childOf(parent: number): string {
  const found = readdirSync("/proc").find(
    (pid) => /^\d+$/.test(pid) && statusOf(pid).includes(`\nPPid:\t${parent}\n`),
  );
  assert.ok(found, "the agent");
  return found;
}

function isAlive(pid: string): boolean {
  const status = statusOf(pid);
  return status !== "" && !/^State:\tZ/m.test(status);
}

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
}
