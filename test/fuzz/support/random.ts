/** A whole number from 0 to `below - 1`. */
export type Random = (below: number) => number;

/**
 * Random numbers that are the same on every run with the same seed and index (splitmix32), so that one mutation out
 * of a million can be made again alone.
 */
export function randomNumbers(seed: number, index = 0): Random {
  let state = mix(Math.imul(seed, 0x9e3779b1) ^ mix(index));
  return (below) => {
    state = (state + 0x9e3779b9) | 0;
    return Math.floor(((mix(state) >>> 0) / 2 ** 32) * below);
  };
}

function mix(value: number): number {
  const a = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
  const b = Math.imul(a ^ (a >>> 15), 0x735a2d97);
  return b ^ (b >>> 15);
}

export function pick<T>(items: readonly T[], random: Random): T {
  const item = items[random(items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}
