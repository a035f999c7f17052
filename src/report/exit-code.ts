/** Exit codes of the command. They are part of its interface: README.md lists them. */
export const ExitCode = {
  ok: 0,
  failure: 1,
  usage: 2,
  noTarget: 3,
  noPermission: 4,
  kernelTooOld: 5,
  nothingToInstrument: 6,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
