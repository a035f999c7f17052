import { mock } from "node:test";

/** The agent's log lines from now on; they are kept from the terminal. */
export function captureLog(): string[] {
  const lines: string[] = [];
  mock.method(process.stderr, "write", (text: string) => {
    lines.push(text);
    return true;
  });
  return lines;
}
