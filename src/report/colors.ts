import pc from "picocolors";

export type Colors = ReturnType<typeof pc.createColors>;

/** Colours on a terminal, unless NO_COLOR forbids them; elsewhere only when FORCE_COLOR asks for them. */
export function colorsFor(output: { readonly isTTY?: boolean }): Colors {
  return pc.createColors(pc.isColorSupported && (output.isTTY === true || Boolean(process.env.FORCE_COLOR)));
}
