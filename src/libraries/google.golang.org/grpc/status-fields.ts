/** What programs need that read a status or an error: ebpf/libraries/google.golang.org/grpc/status.h. */
import { type FieldSpec, field, type ItabSpec, optional } from "../../descriptor.ts";

const proto = "google.golang.org/genproto/googleapis/rpc/status.Status";

export const statusFields = {
  status_error_status: optional(field("google.golang.org/grpc/internal/status.Error.s")),
  status_proto: field(
    "google.golang.org/grpc/internal/status.Status.s",
    "google.golang.org/grpc/status.Status.s",
  ),
  status_proto_code: field(`${proto}.Code`),
  status_proto_message: field(`${proto}.Message`),
  error_string_text: field("errors.errorString.s"),
  wrap_error_text: optional(field("fmt.wrapError.msg")),
  wrap_error_cause: optional(field("fmt.wrapError.err")),
} as const satisfies Record<string, FieldSpec>;

export const errorItabs = {
  status_error_itab: {
    interface: "error",
    concrete: "*google.golang.org/grpc/internal/status.Error",
    needs: ["status_error_status"],
  },
  status_proto_error_itab: { interface: "error", concrete: "*google.golang.org/grpc/status.statusError" },
  error_string_itab: { interface: "error", concrete: "*errors.errorString" },
  wrap_error_itab: {
    interface: "error",
    concrete: "*fmt.wrapError",
    needs: ["wrap_error_text", "wrap_error_cause"],
  },
  deadline_error_itab: { interface: "error", concrete: "context.deadlineExceededError" },
} as const satisfies Record<string, ItabSpec>;
