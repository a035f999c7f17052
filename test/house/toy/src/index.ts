import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { ToyGreeting } from "../../../generated/libraries/toy/greeter.ts";
import { field, type Library } from "../../descriptor.ts";

const greeting = new ToyGreeting();

export const library: Library = {
  path: "toy/greeter",
  name: "toy greeter",
  module: "std",
  since: "1.17",
  fields: { g_goid: field("runtime.g.goid") },
  maps: {},
  itabs: {},
  probes: [
    {
      name: "end",
      program: "toy_greeter_thanked",
      site: { at: "entry", functions: ["main.thank"] },
    },
    {
      name: "start",
      program: "toy_greeter_greeted",
      site: { at: "entry", functions: ["main.greet"] },
    },
  ],
  toSpan: (record) => ({
    name: `greet ${greeting.load(record).name}`,
    kind: SpanKind.INTERNAL,
    attributes: {},
    status: { code: SpanStatusCode.UNSET },
    traceState: undefined,
  }),
};
