import type { GoBinary } from "../binary/types.ts";
import { otherArchitecture } from "../report/start.ts";

/** Node's names → Go's. */
const goNames: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/** @throws UserError for a program that is not for this machine */
export function requireOwnArchitecture({ arch }: GoBinary): void {
  const own = goNames[process.arch] ?? process.arch;
  if (arch !== own) throw otherArchitecture(arch, own);
}
