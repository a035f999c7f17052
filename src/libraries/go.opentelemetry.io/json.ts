/** Values out of JSON that nobody vouches for. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** @throws RangeError for what is none */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RangeError("no JSON", { cause: error });
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The list of that name, or its element; an empty list where there is none. */
export function at(value: unknown, name: string): readonly unknown[];
export function at(value: unknown, name: string, index: number): unknown;
export function at(value: unknown, name: string, index?: number): unknown {
  const found = isObject(value) ? value[name] : undefined;
  const list: readonly unknown[] = Array.isArray(found) ? found : [];
  return index === undefined ? list : list[index];
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A whole number from 0 to 2^32 - 1; 0 for all else. */
export function countOf(value: unknown): number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** 32 ? value : 0;
}
