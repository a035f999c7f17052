import { Ending, type HttpServerRequest } from "../../../../generated/libraries/net/http/server.ts";
import type { SpanFacts } from "../../../descriptor.ts";

/** How a request ended. */
export interface Outcome {
  /** Undefined when the handler left it open: it panicked first, or took the connection over. */
  readonly statusCode: number | undefined;
  /** Undefined when all went well. */
  readonly errorType: string | undefined;
  readonly message?: string;
}

export function outcomeOf(request: HttpServerRequest, facts: SpanFacts): Outcome {
  const written = request.status === 0 ? undefined : request.status;
  switch (request.ending) {
    case Ending.panicked:
      return { statusCode: written, ...panic(request, facts) };
    case Ending.goexit:
      return { statusCode: written, errorType: "runtime.Goexit" };
    case Ending.hijacked:
      return { statusCode: written, errorType: serverError(written) };
    default: {
      // A handler that writes nothing answers 200: net/http, (*response).finishRequest.
      const statusCode = written ?? 200;
      return { statusCode, errorType: serverError(statusCode) };
    }
  }
}

function serverError(statusCode: number | undefined): string | undefined {
  return statusCode !== undefined && statusCode >= 500 ? String(statusCode) : undefined;
}

/** The text of net/http.ErrAbortHandler, an *errors.errorString like many others. */
const abortHandler = "net/http: abort Handler";

/** Types whose value begins with a string that is their message. Of others the bytes read are not one. */
const messageTypes = new Set([
  "string",
  "*errors.errorString",
  "*fmt.wrapError",
  "runtime.errorString",
  "runtime.plainError",
]);

function panic(request: HttpServerRequest, facts: SpanFacts): { errorType: string; message?: string } {
  const type = facts.typeName(request.panicType);
  if (type === undefined) return { errorType: "panic" };
  if (!messageTypes.has(type)) return { errorType: type };
  const message = request.panicMessage;
  if (type === "*errors.errorString" && message === abortHandler)
    return { errorType: "net/http.ErrAbortHandler" };
  return { errorType: type, message: `panic: ${message}` };
}
