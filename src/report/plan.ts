import { counted } from "./count.ts";

/** Why a library, or a part of it, is not attached. */
export const planReasons = {
  absent: "not in this binary",
  disabled: "disabled by you",
  applicationSpansOff: "off by OTEL_GO_AUTO_GLOBAL=false",
  logEventsOff: "only with OTEL_GO_AUTO_LOG_EVENTS=true",
  noSwitch: (variable: string) => `spans that begin by ${variable}: where it is can't be told`,
  tooOld: (version: string, since: string) => `${version} is older than Go ${since}`,
  moduleTooOld: (module: string, version: string, since: string) =>
    `${module} ${version} is older than ${since}`,
  godebug: (setting: string) => `the program is built with GODEBUG ${setting}`,
  probe: (name: string, reason: string) => `${name}: ${reason}`,
  moreCallers: (count: number) => `${counted(count, "more caller")} without a place for a probe`,
  omittedCallers: (count: number) => `${counted(count, "more caller")}, only learned while it runs`,
  noLayout: (type: string) => `the binary has no layout of ${type}`,
  /** By what the binary knows of a field that is nowhere: src/offsets/field.ts. */
  fieldAbsent: {
    "other fields": "not in this version",
    "no package": "its package is not in this binary",
    "no description": "neither the binary nor offsets.json has it; otel-go-auto update-offsets may bring it",
  },
  farField: (offset: number) =>
    `it is ${offset} bytes behind the start of its struct, farther than can be read`,
  otherMaps: { swiss: "only for swiss maps", buckets: "only for bucket maps" },
  onlyWith: (name: string) => `only for binaries with ${name}`,
  onlyWithout: (name: string) => `only for binaries without ${name}`,
  noField: (names: readonly string[], reason: string) => `no field ${names.join(", nor ")}: ${reason}`,
  itab: (type: string, missing: readonly string[]) => `requests of ${type}: it lacks ${missing.join(", ")}`,
};
