/** What can be acknowledged, by the line that it is in, such as a partition, and its place there. */
export interface Placed {
  readonly line: string;
  readonly position: number;
}

export class PlacesOfLines<P extends Placed> {
  /** Each in the order of places; the same place may come twice, when it is read again. */
  readonly #lines = new Map<string, P[]>();

  add(placed: P): void {
    const line = this.#lines.get(placed.line);
    if (line === undefined) this.#lines.set(placed.line, [placed]);
    else line.splice(behind(line, placed.position), 0, placed);
  }

  /** Those of a line up to a place, that included. */
  upTo(name: string, position: number): readonly P[] {
    const line = this.#lines.get(name) ?? [];
    return line.slice(0, behind(line, position));
  }

  remove(placed: P): void {
    const line = this.#lines.get(placed.line);
    const at = line?.indexOf(placed, 0) ?? -1;
    if (line === undefined || at < 0) return;
    line.splice(at, 1);
    if (line.length === 0) this.#lines.delete(placed.line);
  }
}

/** Index of the first one behind a place. */
function behind(line: readonly Placed[], position: number): number {
  let [low, high] = [0, line.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((line[middle] as Placed).position <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}
