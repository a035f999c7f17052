import type { HttpClientRequest } from "../../../../generated/libraries/net/http/client.ts";
import type { SpanFacts } from "../../../descriptor.ts";

/** How a request ended. */
export interface Outcome {
  /** Undefined when there was no response. */
  readonly statusCode: number | undefined;
  /** Undefined when all went well: a status of 4xx or 5xx, or the Go error's type, with its package's name. */
  readonly errorType: string | undefined;
  readonly message?: string;
}

export function outcomeOf(request: HttpClientRequest, facts: SpanFacts): Outcome {
  if (request.failed) return { statusCode: undefined, ...failure(request, facts) };
  const statusCode = request.status;
  return { statusCode, errorType: statusCode >= 400 ? String(statusCode) : undefined };
}

/** Errors whose value begins with their message. */
const messageTypes = new Set(["*errors.errorString", "*fmt.wrapError"]);

/** Errors that Go has as variables of a type that they share with many others. */
const variables: Readonly<Record<string, string>> = {
  "context canceled": "context.Canceled",
};

function failure(request: HttpClientRequest, facts: SpanFacts): { errorType: string; message?: string } {
  const type = facts.typeName(request.errorType);
  if (type === undefined) return { errorType: "error" };
  const message = messageTypes.has(type) ? request.errorMessage : "";
  if (!message) return { errorType: type };
  return { errorType: variables[message] ?? type, message };
}
