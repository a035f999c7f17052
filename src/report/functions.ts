/** What `inspect --functions` prints. */
import { counted } from "./count.ts";
import { printable } from "./printable.ts";
import { aligned } from "./table.ts";

interface NamedType {
  readonly name: string;
  readonly type: string;
}

/** As src/plan/rules/candidates.ts has them. */
interface Listed {
  readonly functions: readonly {
    readonly name: string;
    readonly address: number | undefined;
    readonly size: number;
    readonly parameters: readonly NamedType[] | undefined;
    readonly results: readonly NamedType[] | undefined;
  }[];
  readonly more: number;
  readonly near: readonly string[];
}

export function functionList(listed: Listed, json: boolean): string {
  return json ? JSON.stringify(document(listed), undefined, 2) : lines(listed).join("\n");
}

function document({ functions, more, near }: Listed) {
  return {
    functions: functions.map(({ address, size, parameters, results, ...fn }) => ({
      ...fn,
      inlined: address === undefined,
      address: address === undefined ? null : `0x${address.toString(16)}`,
      size: address === undefined ? null : size,
      // The receiver of a method stands first.
      parameters: parameters ?? null,
      results: results ?? null,
    })),
    more,
    near,
  };
}

const longestLine = 300;

function lines({ functions, more, near }: Listed): readonly string[] {
  if (functions.length === 0)
    return [
      `no such function${near.length > 0 ? `; near it: ${near.map((name) => printable(name)).join(", ")}` : ""}`,
    ];
  const rows = functions.map(({ name, address, size, parameters, results }) => [
    address === undefined ? "inlined" : `0x${address.toString(16)}`,
    address === undefined ? "" : String(size),
    printable(name, longestLine) +
      (parameters ? printable(typesOf(parameters, results ?? []), longestLine) : ""),
  ]);
  const table = aligned([["address", "bytes", "function"], ...rows]);
  return more > 0 ? [...table, `${counted(more, "more function")}`] : table;
}

function typesOf(parameters: readonly NamedType[], results: readonly NamedType[]): string {
  const list = (values: readonly NamedType[]) =>
    `(${values.map(({ name, type }) => (name ? `${name} ${type}` : type)).join(", ")})`;
  return list(parameters) + (results.length > 0 ? ` ${list(results)}` : "");
}
