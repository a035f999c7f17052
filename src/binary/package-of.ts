/** "net/http" of "net/http.(*Transport).roundTrip". */
export function packageOf(name: string): string {
  const path = name.split(/[[(]/, 1)[0] ?? "";
  const dot = path.indexOf(".", path.lastIndexOf("/") + 1);
  return dot < 0 ? path : path.slice(0, dot);
}
