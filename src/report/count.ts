/** A number and what there are so many of: "1 probe", "2,000 probes". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

export function isOrAre(count: number): "is" | "are" {
  return count === 1 ? "is" : "are";
}
