/** `node agent-process.ts PID`: attaches, says "attached N" with the number of open connections taken over, and stays. */
import { attachCalls } from "./agent.ts";

const agent = attachCalls(Number(process.argv[2]));
console.log(`attached ${agent.adopted}`);
// Holds it: what nobody refers to any more is detached when its memory is collected.
setInterval(() => agent, 1000);
