// The image's health check: 0 when the agent's status server says that it lives, or when there is none to ask.
const address = process.env.OTEL_GO_AUTO_STATUS_ADDRESS?.trim();
if (address) {
  const [, host = "", port] = /^(?:(.*):)?(\d+)$/.exec(address) ?? [];
  const here = ["", "0.0.0.0", "[::]", "*"].includes(host) ? "127.0.0.1" : host;
  const answer = await fetch(`http://${here}:${port}/healthz`, { signal: AbortSignal.timeout(4000) });
  process.exitCode = answer.ok ? 0 : 1;
}
