/** In so many functions side by side at least one has a name of its own, so to speak: see below. */
const window = 16;

/**
 * The function whose name is at this offset, found in the order of names. The linker writes the names of functions
 * in the order of the functions, and of what is inlined into a function behind its name (walkFuncs in
 * cmd/link/internal/ld/pcln.go of the Go distribution). So a greater offset always stands behind the wanted function;
 * a smaller one stands before it, or behind it as that of a function that was inlined somewhere earlier. Few are, so
 * the greatest of some neighbours decides. Undefined says nothing: the function may be one of these few.
 */
export function indexInOrder(
  wanted: number,
  count: number,
  nameOffset: (index: number) => number,
): number | undefined {
  let [low, high] = [0, count];
  while (high - low > window) {
    const middle = (low + high - window) >>> 1;
    const greater = indexIn(middle, middle + window, (offset) => offset >= wanted);
    if (greater === undefined) low = middle + window;
    else high = greater + 1;
  }
  return indexIn(low, high, (offset) => offset === wanted);

  function indexIn(from: number, to: number, test: (offset: number) => boolean): number | undefined {
    for (let i = from; i < to; i++) if (test(nameOffset(i))) return i;
    return undefined;
  }
}
