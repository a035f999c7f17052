/** The conventions' limit of db.query.summary, in characters. */
const maxSummary = 255;

/** "SELECT", "a", ";", "SELECT", "b" → "SELECT a; SELECT b". What would be too long ends in front of a part. */
export function summaryOf(parts: readonly string[]): string | undefined {
  let result = "";
  for (const part of parts) {
    const longer = part === ";" || result === "" ? result + part : `${result} ${part}`;
    if (longer.length > maxSummary) break;
    if (longer !== ";" && !longer.endsWith(";;")) result = longer;
  }
  return result.replace(/;$/, "") || undefined;
}
