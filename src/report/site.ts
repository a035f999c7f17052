/** Why no probe can stand where a library wants one. Each is the second half of "skipped: …". */
export const siteReasons = {
  noFunction: (names: readonly string[]) =>
    names.length === 1
      ? `the binary has no function ${names[0]}`
      : `the binary has none of ${names.join(", ")}`,
  tooLong: (name: string, length: number) =>
    `${name} would have ${length} bytes, more than any function that is traced`,
  undecodable: (name: string, address: number) =>
    `${name} holds an instruction at ${hex(address)} that this version does not know`,
  unknownPrologue: (name: string) =>
    `${name} does not start the way Go's compiler starts a function with a frame`,
  jumpedInto: (name: string) => `a jump inside ${name} leads into its first instructions`,
  noCall: (name: string, callee: string) =>
    `${name} has no direct call of ${callee}; a build with a profile (PGO) may have it inlined`,
  otherCall: (name: string, after: string, callee: string, found: string) =>
    `in ${name} the call of ${after} is followed by ${found}, not by a call of ${callee}`,
  notEmulated: (name: string, address: number) =>
    `the kernel would single-step the instruction at ${hex(address)} in ${name}`,
  stackArguments: (version: string, since: string) =>
    `${version} passes arguments on the stack; this needs Go ${since} or later, with the arguments in registers`,
  mixedEntries: "some functions start with PUSHQ BP, others as up to Go 1.20: no one compiler does both",
  neverReturns: (name: string) => `${name} has no instruction that returns`,
  neverCalled: (name: string) => `nothing that is traced calls ${name} directly`,
  notBehindCall: (address: number) => `no call of a function of Go stands before ${hex(address)}`,
  returnsIntoRuntime: (name: string) => `it returns to ${name}, as deferred calls and goroutines do`,
  indirectCallFirst: (name: string, address: number) =>
    `${name} goes on with an indirect call at ${hex(address)}`,
  resultsLost: (name: string, address: number) =>
    `${name} goes on with an instruction at ${hex(address)} that may overwrite the results`,
  nothingBehind: (name: string, address: number) => `${name} has no place for a probe behind ${hex(address)}`,
  noErrorBranch: (name: string, address: number) =>
    `${name} has no place behind ${hex(address)} that only an error leads to`,
  notInFile: (name: string, address: number) => `the file holds no bytes for ${hex(address)} in ${name}`,
};

export function hex(address: number): string {
  return `0x${address.toString(16)}`;
}
