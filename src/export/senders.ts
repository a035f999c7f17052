import type { OtlpOptions } from "../config/config.ts";
import { createHttpSender } from "./http.ts";
import type { Sender } from "./sender.ts";
import type { Signal } from "./signal.ts";

/** The sender for the protocol. `onAttemptFailed` hears early of what is going to be repeated. Throws a UserError. */
export async function createSender(
  signal: Signal,
  options: OtlpOptions,
  onAttemptFailed: (error: Error) => void,
): Promise<Sender> {
  const { protocol } = options;
  if (protocol !== "grpc") return createHttpSender(signal, { ...options, protocol }, onAttemptFailed);
  const { createGrpcSender } = await import("./grpc.ts");
  return createGrpcSender(signal, options, onAttemptFailed);
}
