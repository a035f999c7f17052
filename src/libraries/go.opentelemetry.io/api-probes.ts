import type { ProbeSpec } from "../descriptor.ts";

const start = "go.opentelemetry.io/otel/internal/global.(*tracer).Start";

/** Methods that tell something of a span, and what programs for them are called behind their library's own word. */
const telling = {
  SetAttributes: "attributes_set",
  SetName: "name_set",
  SetStatus: "status_set",
  AddEvent: "event_added",
  RecordError: "error_recorded",
} as const;

/** A method of a type whose values an interface holds by pointer: what the compiler makes of it for that. */
function method(receiver: string, name: string, program: string): ProbeSpec {
  return { name, program, site: { at: "wrapper", functions: [`${receiver}.${name}`] } };
}

/** What tells something of a span of this type; `word` is that of the library's programs. */
export function tellingProbes(receiver: string, word: string): readonly ProbeSpec[] {
  return Object.entries(telling).map(([name, program]) => ({
    ...method(receiver, name, `${word}_${program}`),
    optional: true,
  }));
}

/** All of a library of global tracers, whose spans are of this type. */
export function apiProbes(receiver: string, word: string): readonly ProbeSpec[] {
  return [...tellingProbes(receiver, word), ...spanProbes(receiver, word)];
}

/** The same without what is told of a span while it is open. */
export function spanProbes(receiver: string, word: string): readonly ProbeSpec[] {
  return [
    method(receiver, "End", `${word}_span_has_ended`),
    {
      name: "start's end",
      program: `${word}_span_has_begun`,
      // Called through an interface, by callers that seldom have a place for a probe behind it.
      site: { at: "return", functions: [start], results: 4, callers: "itself" },
    },
    {
      name: "start",
      program: `${word}_span_begins_here`,
      starts: true,
      site: { at: "entry", functions: [start] },
    },
  ];
}
