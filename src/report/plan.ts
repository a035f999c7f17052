/** Why a library, or a part of it, is not attached. */
export const planReasons = {
  absent: "not in this binary",
  disabled: "disabled by you",
  tooOld: (version: string, since: string) => `${version} is older than Go ${since}`,
  probe: (name: string, reason: string) => `${name}: ${reason}`,
  noLayout: (type: string) => `the binary has no layout of ${type}`,
  noField: (names: readonly string[]) => `the binary has no field ${names.join(", nor ")}`,
  itab: (type: string, missing: readonly string[]) => `requests of ${type}: it lacks ${missing.join(", ")}`,
};
