/**
 * A binary that doesn't hold what its own headers promise. Thrown inside the room only: `index.ts` turns it into
 * an error for the user. The message is the detail that the user reads, such as "an address outside the file".
 */
export class BadBinary extends Error {
  constructor(detail: string) {
    super(detail);
    this.name = "BadBinary";
  }
}

/** The build info gives no version of Go, but what `said` holds. */
export class NoGoVersion extends BadBinary {
  readonly said: string;

  constructor(said: string) {
    super("its build info names no Go version");
    this.said = said;
  }
}

/** A count or size out of the file, when it is at most `limit`. Nothing is allocated or looped over before. */
export function bounded(value: number, limit: number, what: string): number {
  if (!(value >= 0 && value <= limit))
    throw new BadBinary(`${what} is ${value}, which is more than ${limit}`);
  return value;
}
