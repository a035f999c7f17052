import { SpanStatusCode } from "@opentelemetry/api";
import { CallEnd, RuleRecord } from "../../generated/libraries/rules.ts";
import type { FieldSpec, Library, LibrarySpan, RecordBytes, SpanFacts } from "../descriptor.ts";
import { goroutineFields, openSpanFields, returnFields } from "../go-fields.ts";
import { valueText } from "../span-parts.ts";
import type { RuledFunction } from "./ruled-function.ts";
import { readValues } from "./values.ts";

export const rulesPath = "rules";

/** Programs of ebpf/libraries/rules. */
export const rulePrograms = { start: "rule_entered", end: "rule_returned" } as const;

const fields: Readonly<Record<string, FieldSpec>> = {
  ...goroutineFields,
  ...returnFields,
  ...openSpanFields,
};

/**
 * What a library is, for functions that the user has named: its probes come from the rules, and not from a
 * descriptor. `functionAt` gives what is known of the function that a record has the number of.
 */
export function rulesLibrary(functionAt: (number: number) => RuledFunction | undefined): Library {
  const record = new RuleRecord();
  return {
    path: rulesPath,
    name: rulesPath,
    module: "std",
    since: "1.17",
    fields,
    maps: {},
    itabs: {
      itab_error_string: { interface: "error", concrete: "*errors.errorString" },
      itab_wrap_error: { interface: "error", concrete: "*fmt.wrapError" },
      itab_wrap_errors: { interface: "error", concrete: "*fmt.wrapErrors" },
    },
    probes: [],
    // That of no older one has taken them: test/vm/rules.test.ts.
    oldestKernel: [5, 10],
    returnSites: "rule_return_sites",
    toSpan(bytes, facts) {
      const { function: number } = record.load(bytes);
      const ruled = functionAt(number);
      if (ruled === undefined) throw new RangeError(`a record of function ${number}, which no rule names`);
      return spanOf(ruled, record, bytes, facts);
    },
  };
}

function spanOf(ruled: RuledFunction, record: RuleRecord, bytes: RecordBytes, facts: SpanFacts): LibrarySpan {
  const values = readValues(ruled.values, record, bytes, facts);
  const error = errorOf(record, facts);
  return {
    name: ruled.spanName.replace(/\{([^{}]*)\}/g, (_, name: string) => valueText(values[name])),
    kind: ruled.kind,
    attributes: {
      "code.function.name": ruled.name,
      ...values,
      ...(error === undefined ? {} : { "error.type": error }),
    },
    status: error === undefined ? { code: SpanStatusCode.UNSET } : failure(record.message),
    traceState: undefined,
  };
}

function failure(message: string): LibrarySpan["status"] {
  return { code: SpanStatusCode.ERROR, ...(message === "" ? {} : { message }) };
}

/** Its type: what an error says may be a secret, and is told only on request. */
function errorOf({ ended, errorType }: RuleRecord, { typeName }: SpanFacts): string | undefined {
  if (ended === CallEnd.left) return "panic";
  return errorType === 0 ? undefined : (typeName(errorType) ?? "_OTHER");
}
