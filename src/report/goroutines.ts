/** What the agent says of goroutines that requests start. */
import { printable } from "./printable.ts";

export const goroutineMessages = {
  learned: (name: string) => `  goroutines: those that begin with ${printable(name)} have spans from now on`,
  notTraced: (name: string, reason: string) =>
    `goroutines: those that begin with ${printable(name)} have no spans: ${printable(reason)}`,
  tooMany: (most: number) => `goroutines: further functions have no spans, ${most} have`,
};
